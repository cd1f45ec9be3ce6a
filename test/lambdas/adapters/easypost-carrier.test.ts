import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabelRequest } from '../../../lambdas/adapters/carrier.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { carrierSettings } from '../../support/easypost/carrier-settings.ts';
import { offers, type Reply, refusal, startFakeEasyPost } from '../../support/easypost/fake-easypost.ts';
import { placedOrder } from '../../support/orders.ts';
import { carrierContract } from './carrier.contract.ts';

const dynamodb = await startDynamoDb();
const fake = await startFakeEasyPost();
afterAll(async () => {
  await fake.stop();
  await dynamodb.stop();
});
const { easypostCarrier } = await import('../../../lambdas/adapters/easypost-carrier.ts');
const { easypostClient } = await import('../../../lambdas/adapters/easypost-client.ts');

const key = 'EZTKtest';
const carrierWith = (settings: Partial<typeof carrierSettings>, apiKey = key, timeoutMs?: number) =>
  easypostCarrier(
    easypostClient({ apiKey: async () => apiKey, baseUrl: fake.baseUrl, ...(timeoutMs && { timeoutMs }) }),
    { ...carrierSettings, ...settings },
  );
const carrier = carrierWith({});

carrierContract('the carrier at EasyPost', carrier);

function request(): LabelRequest {
  const { orderId, shipTo } = placedOrder();
  return { key: `${orderId}#CreateShippingLabel`, orderId, shipTo: { ...shipTo, line2: 'c/o Grace', region: 'BE' } };
}
/** EasyPost answers this to calls to a path. */
const answering = (path: RegExp, reply: Reply) =>
  fake.interceptions.set(key, (call, apply) => (path.test(call.path) ? reply : apply()));
const failureOf = async (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => Error('none'),
    (error) => error,
  );

beforeEach(() => {
  fake.calls.length = 0;
  fake.interceptions.clear();
  Object.assign(fake.settings, { offers, refundStatus: 'submitted' });
});

describe('a label', () => {
  it('is bought for the order’s address, from ours, with our key as EasyPost’s reference', async () => {
    const asked = request();
    const label = await carrier.buyLabel(asked);
    const [made] = fake.calls;
    expect(made!.body.shipment).toEqual({
      reference: asked.key,
      to_address: {
        name: 'Ada Example',
        street1: '1 Sample Street',
        street2: 'c/o Grace',
        city: 'Berlin',
        state: 'BE',
        zip: '10115',
        country: 'DE',
      },
      from_address: {
        name: 'Waybill Warehouse',
        street1: '417 Montgomery Street',
        city: 'San Francisco',
        state: 'CA',
        zip: '94104',
        country: 'US',
        phone: '4153334445',
      },
      parcel: { length: 10, width: 8, height: 4, weight: 15.4 },
    });
    expect(label).toEqual({
      status: 'bought',
      labelId: fake.bought(asked.key)[0]!.id,
      trackingNumber: expect.any(String),
    });
  });

  it.each([
    ['any service', undefined, 'GroundAdvantage'],
    ['one of two', ['Express', 'Priority'], 'Priority'],
  ])('is the cheapest of %s', async (_, services, expected) => {
    const asked = request();
    await carrierWith({ ...(services && { services }) }).buyLabel(asked);
    expect(fake.bought(asked.key)[0]!.selected_rate).toMatchObject({ service: expected });
  });

  it('is looked up by the id that was kept, and by nothing else', async () => {
    const asked = request();
    await carrier.buyLabel(asked);
    fake.calls.length = 0;
    expect(await carrier.lookup(asked.key)).toMatchObject({ status: 'bought' });
    expect(fake.calls).toMatchObject([{ method: 'GET', path: `/v2/shipments/${fake.bought(asked.key)[0]!.id}` }]);
    expect(await carrier.lookup(`${asked.key}-other`)).toBeUndefined();
    expect(fake.calls).toHaveLength(1);
  });
});

describe('a label that EasyPost does not sell is refused for good', () => {
  it('when no carrier has a rate, or none that is allowed: it says who offered what, and keeps nothing', async () => {
    const asked = request();
    const notAllowed = await failureOf(carrierWith({ services: ['NextMorning'] }).buyLabel(asked));
    expect(notAllowed).toMatchObject({ name: 'LabelRefused' });
    expect(notAllowed.message).toContain('allowed NextMorning, offered Express, GroundAdvantage, Priority');
    fake.settings.offers = [];
    const none = await failureOf(carrier.buyLabel(asked));
    expect(none).toMatchObject({ name: 'LabelRefused' });
    expect(none.message).toContain('not offered by USPS (rate_error)');
    fake.calls.length = 0;
    expect(await carrier.voidLabel(asked.key)).toEqual({ status: 'withdrawn' });
    expect(fake.calls).toEqual([]);
  });

  it('when it does not take the address: it names the fields, and nothing of the customer', async () => {
    const errors = [
      { field: 'street1', message: '1 Sample Street was not found', suggestion: null },
      { field: 'zip', message: '10115 is not in Berlin' },
      'Ada Example is unknown',
      { field: 'Ada Example, Berlin', message: 'strange' },
    ];
    answering(/shipments$/, refusal(422, 'ADDRESS.VERIFY.FAILURE', errors as object[]));
    const error = await failureOf(carrier.buyLabel(request()));
    expect(error).toMatchObject({ name: 'AddressRefused' });
    expect(error.message).toBe('EasyPost POST /shipments: 422 ADDRESS.VERIFY.FAILURE (street1, zip)');
  });

  it.each([
    ['SHIPMENT.POSTAGE.FAILURE', 'LabelRefused'],
    ['ADDRESS.VERIFY.FAILURE', 'AddressRefused'],
  ])('when the carrier behind it refuses (%s): the void uses nothing up, no later call buys', async (code, name) => {
    const asked = request();
    answering(/buy$/, refusal(422, code));
    expect(await failureOf(carrier.buyLabel(asked))).toMatchObject({ name });
    expect(await carrier.lookup(asked.key)).toBeUndefined();
    expect(await carrier.voidLabel(asked.key)).toEqual({ status: 'withdrawn' });
    fake.interceptions.clear();
    for (const call of [carrier.buyLabel(asked), carrier.lookup(asked.key)]) {
      expect(await call).toEqual({ status: 'withdrawn' });
    }
    expect(fake.bought(asked.key)).toEqual([]);
  });
});

describe('it is unknown what became of a call, and it is made again', () => {
  it.each<[string, Reply]>([
    ['too many calls', refusal(429, 'RATE_LIMITED')],
    ['an error inside', refusal(500, 'INTERNAL_SERVER_ERROR')],
    ['a page of a proxy', { status: 502, body: '<html>' }],
    ['half an answer', { status: 200, body: '{"id":' }],
    ['a carrier that did not answer in time', refusal(422, 'SHIPMENT.POSTAGE.NO_RESPONSE')],
    ['another purchase of the same shipment', refusal(422, 'SHIPMENT.PURCHASE.IN_PROGRESS')],
  ])('after %s', async (_, reply) => {
    const asked = request();
    answering(/buy$/, reply);
    expect(await failureOf(carrier.buyLabel(asked))).toMatchObject({ name: 'CarrierUnavailable' });
    expect(await failureOf(carrier.voidLabel(asked.key))).toMatchObject({ name: 'CarrierUnavailable' });
    fake.interceptions.clear();
    expect(await carrier.voidLabel(asked.key)).toMatchObject({ status: 'voided' });
    expect(fake.usable(asked.key)).toEqual([]);
  });

  it('when no answer comes in time', async () => {
    const never = Promise.withResolvers<Reply>();
    fake.interceptions.set('EZTKslow', () => never.promise);
    const error = await failureOf(carrierWith({}, 'EZTKslow', 50).buyLabel(request()));
    never.reject(Error('cut'));
    expect(error).toMatchObject({ name: 'CarrierUnavailable', message: 'EasyPost POST /shipments: TimeoutError' });
  });

  it('when nobody listens', async () => {
    const client = easypostClient({ apiKey: async () => key, baseUrl: 'http://127.0.0.1:1/v2' });
    const error = await failureOf(easypostCarrier(client, carrierSettings).buyLabel(request()));
    expect(error).toMatchObject({ name: 'CarrierUnavailable' });
  });

  it('when a label was bought and its tracking code is not there yet', async () => {
    const asked = request();
    fake.interceptions.set(key, (call, apply) => {
      const { status, body } = apply();
      return { status, body: call.path.endsWith('buy') ? { ...(body as object), tracking_code: null } : body };
    });
    expect(await failureOf(carrier.buyLabel(asked))).toMatchObject({ name: 'CarrierUnavailable' });
    expect(await carrier.buyLabel(asked)).toMatchObject({ status: 'bought' });
    expect(fake.bought(asked.key)).toHaveLength(1);
  });
});

describe('no call can go well', () => {
  it('with a wrong API key: it says where that one is, and not what it is', async () => {
    const error = await failureOf(carrierWith({}, 'secret-but-wrong').buyLabel(request()));
    expect(error).toMatchObject({ name: 'CarrierMisconfigured' });
    expect(error.message).toContain('EASYPOST_KEY_SECRET_ARN');
    expect(error.message).not.toContain('secret-but-wrong');
  });

  it('with the key of another account, which does not know what was bought', async () => {
    const asked = request();
    await carrier.buyLabel(asked);
    fake.shipments.clear();
    expect(await failureOf(carrier.voidLabel(asked.key))).toMatchObject({ name: 'CarrierMisconfigured' });
  });
});

describe('a label is taken back', () => {
  it.each(['submitted', 'refunded', 'not_applicable'])('when the refund is %s', async (refundStatus) => {
    const asked = request();
    const bought = await carrier.buyLabel(asked);
    fake.settings.refundStatus = refundStatus;
    expect(await carrier.voidLabel(asked.key)).toEqual({ ...bought, status: 'voided' });
    fake.calls.length = 0;
    expect(await carrier.voidLabel(asked.key)).toEqual({ ...bought, status: 'voided' });
    expect(fake.calls.map(({ method }) => method)).toEqual(['GET']);
  });

  it('not when the refund is rejected: a person is told; the next try asks anew', async () => {
    const asked = request();
    await carrier.buyLabel(asked);
    fake.settings.refundStatus = 'rejected';
    const error = await failureOf(carrier.voidLabel(asked.key));
    expect(error).toMatchObject({ name: 'LabelNotTakenBack' });
    expect(error.message).toMatch(/refund_status rejected.*parcel EZ\d+/);
    expect(await carrier.lookup(asked.key)).toMatchObject({ status: 'bought' });
    fake.settings.refundStatus = 'submitted';
    expect(await carrier.voidLabel(asked.key)).toMatchObject({ status: 'voided' });
  });

  it('not when the parcel is on its way', async () => {
    const asked = request();
    await carrier.buyLabel(asked);
    answering(/refund$/, refusal(422, 'SHIPMENT.REFUND.UNAVAILABLE'));
    expect(await failureOf(carrier.voidLabel(asked.key))).toMatchObject({ name: 'LabelNotTakenBack' });
  });

  it('when its purchase died and the services that it was made for are not allowed any more', async () => {
    const asked = request();
    fake.interceptions.set(key, (call, apply) => {
      if (call.path.endsWith('buy')) throw Error('cut');
      return apply();
    });
    expect(await failureOf(carrier.buyLabel(asked))).toMatchObject({ name: 'CarrierUnavailable' });
    fake.interceptions.clear();
    expect(await carrierWith({ services: ['NextMorning'] }).voidLabel(asked.key)).toMatchObject({ status: 'voided' });
    expect(fake.usable(asked.key)).toEqual([]);
    expect(await carrier.buyLabel(asked)).toMatchObject({ status: 'voided' });
  });

  it('when another call was quicker', async () => {
    const asked = request();
    await carrier.buyLabel(asked);
    let overtaken = false;
    fake.interceptions.set(key, async (call, apply) => {
      if (call.path.endsWith('refund') && !overtaken) {
        overtaken = true;
        await carrier.voidLabel(asked.key);
      }
      return apply();
    });
    expect(await carrier.voidLabel(asked.key)).toMatchObject({ status: 'voided' });
    expect(overtaken).toBe(true);
  });
});
