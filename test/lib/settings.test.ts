import { describe, expect, it } from 'vitest';
import { shiftingMinutes } from '../../lib/deployment.ts';
import { readSettings } from '../../lib/settings.ts';

const read = (context: Record<string, unknown>) => readSettings((key) => ({ stage: 'prod', ...context })[key]);
const contacts = { warehouseEmail: 'w@shop.test', supervisorEmail: 's@shop.test', operatorEmail: 'o@shop.test' };
const shipment = {
  from: { name: 'Shop', line1: '1 Main St', city: 'Portland', region: 'OR', postalCode: '97201', country: 'US' },
  parcel: { lengthIn: 10, widthIn: 8, heightIn: 4, weightOz: 20 },
};

describe('settings', () => {
  it('need nothing but a stage: mails go to the sandbox outbox, callers sign with IAM', () => {
    const settings = read({ jwtIssuer: '', mailFrom: '' });
    expect(settings.stage).toBe('prod');
    expect(settings.parties).toEqual({ paymentGateway: 'sandbox', carrier: 'sandbox' });
    expect(settings.jwt).toBeUndefined();
  });

  it('take a JWT issuer with one or more audiences', () => {
    const { jwt } = read({ jwtIssuer: 'https://id.shop.test', jwtAudience: 'web,app' });
    expect(jwt).toEqual({ issuer: 'https://id.shop.test', audience: ['web', 'app'], staffScope: 'staff' });
  });

  it('take a sender of mail together with everyone who is asked something', () => {
    const { parties, contacts: asked } = read({ mailFrom: 'orders@shop.test', ...contacts });
    expect(parties.mailFrom).toBe('orders@shop.test');
    expect(asked).toEqual({ warehouse: 'w@shop.test', supervisor: 's@shop.test', operator: 'o@shop.test' });
  });

  it('take payments and parcels to real providers, with the shipment as an object or as text', () => {
    expect(read({ paymentGateway: 'stripe' }).parties).toEqual({ paymentGateway: 'stripe', carrier: 'sandbox' });
    for (const carrierShipment of [shipment, JSON.stringify(shipment)]) {
      const { parties } = read({ carrier: 'easypost', carrierShipment });
      expect(parties).toMatchObject({ paymentGateway: 'sandbox', carrier: 'easypost' });
      expect(JSON.parse(parties.carrierShipment!)).toEqual(shipment);
    }
  });

  it('bring a new version to all new orders at once, unless they say otherwise', () => {
    expect(read({}).deployment).toEqual({ type: 'all-at-once' });
    expect(read({ deployment: 'all-at-once', deploymentPercentage: 10 }).deployment).toEqual({ type: 'all-at-once' });
    expect(read({ deployment: 'canary' }).deployment).toEqual({ type: 'canary', percentage: 10, intervalMinutes: 5 });
    const asOnTheCommandLine = { deployment: 'linear', deploymentPercentage: '25', deploymentIntervalMinutes: '60' };
    expect(read(asOnTheCommandLine).deployment).toEqual({ type: 'linear', percentage: 25, intervalMinutes: 60 });
  });

  it('publish again only what is told so', () => {
    expect(read({ publishAgain: '' })).not.toHaveProperty('publishAgain');
    expect(read({ publishAgain: 'after the outage' }).publishAgain).toBe('after the outage');
    expect(() => read({ publishAgain: 'x'.repeat(101) })).toThrow(
      'context publishAgain must be at most 100 characters',
    );
  });

  it('count how long a deployment takes', () => {
    expect(shiftingMinutes({ type: 'canary', percentage: 10, intervalMinutes: 7 })).toBe(7);
    expect(shiftingMinutes({ type: 'linear', percentage: 33, intervalMinutes: 7 })).toBe(28);
  });

  it.each([
    [{ deployment: 'rolling' }, 'context deployment must be all-at-once, canary or linear, found "rolling"'],
    [
      { deployment: 'canary', deploymentPercentage: 100 },
      'context deploymentPercentage must be a whole number from 1 to 99, found 100',
    ],
    [
      { deployment: 'canary', deploymentPercentage: 'half' },
      'context deploymentPercentage must be a whole number from 1 to 99, found "half"',
    ],
    [
      { deployment: 'canary', deploymentIntervalMinutes: 2101 },
      'context deploymentIntervalMinutes must be a whole number from 1 to 2100, found 2101',
    ],
    [
      { deployment: 'linear', deploymentPercentage: 3, deploymentIntervalMinutes: 62 },
      'context deploymentIntervalMinutes must be shorter, or deploymentPercentage higher: 3 % at a time take 2108 minutes, and CloudFormation allows 2100, found 62',
    ],
    [{ paymentGateway: 'Stripe' }, 'context paymentGateway must be sandbox or stripe, found "Stripe"'],
    [{ carrier: 'ups' }, 'context carrier must be sandbox or easypost, found "ups"'],
    [{ carrier: 'easypost' }, 'context carrierShipment must be set, because carrier is easypost, found nothing'],
    [{ carrier: 'easypost', carrierShipment: '{' }, 'context carrierShipment must be JSON, found "{"'],
    [
      { carrier: 'easypost', carrierShipment: { ...shipment, parcel: { ...shipment.parcel, weightOz: 0 } } },
      'context carrierShipment.parcel.weightOz: Too small: expected number to be >0',
    ],
    [{ stage: 'test' }, 'context stage must be prod or dev, found "test"'],
    [{ stage: undefined }, 'context stage must be prod or dev, found nothing'],
    [{ ...contacts, mailFrom: 'orders' }, 'context mailFrom must be a mail address, found "orders"'],
    [{ jwtIssuer: 'id', jwtAudience: 'web' }, 'context jwtIssuer must be the URL of a JWT issuer, found "id"'],
    [{ jwtStaffScope: 'a b' }, 'context jwtStaffScope must be one scope, without blanks, found "a b"'],
    [{ jwtIssuer: 'https://id.shop.test' }, 'context jwtAudience must be set, because jwtIssuer is set, found nothing'],
    [
      { mailFrom: 'orders@shop.test', ...contacts, operatorEmail: '' },
      'context operatorEmail must be set, because mailFrom is set and so mail goes out, found ""',
    ],
  ])('refuse %o with a sentence', (context, sentence) => {
    expect(() => read(context)).toThrow(`${sentence} (set it in cdk.json or with -c key=value)`);
  });
});
