import { describe, expect, it } from 'vitest';
import { outsideGrants } from '../../lib/outside-parties.ts';

const books = ['GetItem', 'PutItem'];
const sandboxes = { paymentGateway: 'sandbox', carrier: 'sandbox' } as const;
const real = {
  paymentGateway: 'stripe',
  carrier: 'easypost',
  carrierShipment: '{"from":{}}',
  mailFrom: 'orders@shop.test',
} as const;

describe('what the use of outside parties comes to', () => {
  it('is nothing for a row that names none', () => {
    const nothing = { tables: {}, secrets: [], environment: {} };
    expect(outsideGrants({ tables: { orders: ['GetItem'] } }, real)).toEqual(nothing);
  });

  it('is a book of the sandbox, and no secret, where nothing is chosen', () => {
    expect(outsideGrants({ payments: true, carrier: 'labels', sendMail: true }, sandboxes)).toEqual({
      tables: { sandbox: books },
      secrets: [],
      environment: { PAYMENT_GATEWAY: 'sandbox', CARRIER: 'sandbox', MAIL_FROM: '' },
    });
  });

  it('is a provider with its key, and the sandbox as before, where one is chosen', () => {
    expect(outsideGrants({ payments: true }, real)).toEqual({
      tables: { sandbox: books, providers: books },
      secrets: ['stripeKey'],
      environment: { PAYMENT_GATEWAY: 'stripe' },
    });
    expect(outsideGrants({ carrier: 'labels' }, real)).toEqual({
      tables: { sandbox: books, providers: books },
      secrets: ['easypostKey'],
      environment: { CARRIER: 'easypost', CARRIER_SHIPMENT: '{"from":{}}' },
    });
    expect(outsideGrants({ sendMail: true }, real)).toEqual({
      tables: { sandbox: books, providers: books },
      secrets: [],
      environment: { MAIL_FROM: 'orders@shop.test' },
    });
  });

  it('is reading alone for who only asks the carrier, unless the row also charges', () => {
    const asks = outsideGrants({ carrier: 'lookup' }, real);
    expect(asks.tables).toEqual({ sandbox: ['GetItem'], providers: ['GetItem'] });
    expect(outsideGrants({ carrier: 'lookup', payments: true }, real).tables).toEqual({
      sandbox: books,
      providers: books,
    });
  });

  it("is the key of the webhook for who takes the carrier's events, whichever it is", () => {
    for (const carrier of ['sandbox', 'easypost'] as const) {
      expect(outsideGrants({ carrier: 'events' }, { ...sandboxes, carrier })).toEqual({
        tables: {},
        secrets: ['carrierWebhook'],
        environment: { CARRIER: carrier },
      });
    }
  });
});
