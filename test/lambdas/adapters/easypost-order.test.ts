/** An order whose labels come from EasyPost: the steps, the webhook and the adapter as a stack has them. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { carrierSettings } from '../../support/easypost/carrier-settings.ts';
import { refusal, startFakeEasyPost } from '../../support/easypost/fake-easypost.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { request } from '../../support/http-event.ts';
import type { SmallOrder } from '../../support/orders.ts';
import { type StepName, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
const aws = await startFakeAws();
const fake = await startFakeEasyPost();
const apiKey = 'EZTK0123456789abcdef';
aws.secrets.set('easypost-key', `${apiKey}\n`);
Object.assign(process.env, {
  CARRIER: 'easypost',
  EASYPOST_KEY_SECRET_ARN: 'easypost-key',
  CARRIER_SHIPMENT: JSON.stringify(carrierSettings),
});
// What is deployed knows EasyPost's own address only.
const realFetch = globalThis.fetch;
globalThis.fetch = (input, init) => realFetch(String(input).replace('https://api.easypost.com/v2', fake.baseUrl), init);
afterAll(async () => {
  globalThis.fetch = realFetch;
  await Promise.all([fake.stop(), aws.stop(), steps.stop()]);
});
const { handler: carrierEvent } = await import('../../../lambdas/api/carrier-event.ts');
const { readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { signEasyPost } = await import('../../../lambdas/domain/easypost-signature.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');

const keyOf = ({ orderId }: SmallOrder) => `${orderId}#CreateShippingLabel`;
const failureOf = (step: StepName, placed: SmallOrder): Promise<Error> =>
  steps.run(step, placed).then(
    () => new Error('none'),
    (error) => error,
  );

/** EasyPost tells that the carrier has the parcel. */
async function scan(trackingCode: string): Promise<string> {
  const body = JSON.stringify({
    id: `evt_${trackingCode}`,
    description: 'tracker.updated',
    created_at: '2030-01-02T03:04:05Z',
    result: { object: 'Tracker', tracking_code: trackingCode, status: 'in_transit' },
  });
  const [timestamp, path] = [new Date().toUTCString(), '/carrier-events'];
  const headers = {
    'content-type': 'application/json',
    'x-timestamp': timestamp,
    'x-path': path,
    'x-hmac-signature-v2': signEasyPost('the key of the carrier', { timestamp, path }, body),
  };
  return (await request(carrierEvent, { method: 'POST', path, body, headers, authorizer: null })).body.result;
}

const reserved: StepName[] = ['ChargePayment', 'ReserveInventory'];

beforeEach(() => fake.interceptions.clear());

describe('an order with EasyPost', () => {
  it('has its label, and the scan of its parcel answers its wait', async () => {
    const placed = await steps.orderAfter([...reserved, 'CreateShippingLabel']);
    const [bought] = fake.bought(keyOf(placed));
    expect((await steps.loadOrder(placed.orderId)).label).toMatchObject({
      labelId: bought!.id,
      trackingNumber: bought!.tracking_code,
    });
    expect(await scan(bought!.tracking_code!)).toBe('accepted');
    const wait = await readWait(carrierPickupWaitOf(placed.orderId).waitId);
    expect(wait?.answer).toMatchObject({ action: 'picked-up', by: 'carrier', detail: { type: 'in_transit' } });
  });

  it('whose step died with the label bought and not recorded: the undo takes the label back and records both', async () => {
    const placed = await steps.orderAfter(reserved);
    fake.interceptions.set(apiKey, (call, apply) => {
      const answer = apply();
      if (call.path.endsWith('/buy')) throw new Error('cut');
      return answer;
    });
    expect(await failureOf('CreateShippingLabel', placed)).toMatchObject({ name: 'CarrierUnavailable' });
    fake.interceptions.clear();
    await steps.run('VoidShippingLabel', placed);
    expect(fake.bought(keyOf(placed))).toHaveLength(1);
    expect(fake.usable(keyOf(placed))).toEqual([]);
    expect((await steps.loadOrder(placed.orderId)).label).toMatchObject({ voidedAt: expect.any(String) });
    expect(await failureOf('CreateShippingLabel', placed)).toMatchObject({ name: 'AlreadyUndone' });
  });

  it('whose label was bought, not recorded, and is scanned: the undo finds the parcel gone and leaves the label alone', async () => {
    const placed = await steps.orderAfter(reserved);
    fake.interceptions.set(apiKey, (call, apply) => {
      const answer = apply();
      if (call.path.endsWith('/buy')) throw new Error('cut');
      return answer;
    });
    await failureOf('CreateShippingLabel', placed);
    fake.interceptions.clear();
    expect(await scan(fake.bought(keyOf(placed))[0]!.tracking_code!)).toBe('kept');
    expect(await failureOf('VoidShippingLabel', placed)).toMatchObject({ name: 'ParcelPickedUp' });
    expect(fake.usable(keyOf(placed))).toHaveLength(1);
  });

  it('to an address that is refused: it is not tried again, says which field, and is undone', async () => {
    const placed = await steps.orderAfter(reserved);
    const errors = [{ field: 'street1', message: `${placed.shipTo.line1} was not found` }];
    fake.interceptions.set(apiKey, () => refusal(422, 'ADDRESS.VERIFY.FAILURE', errors));
    const error = await failureOf('CreateShippingLabel', placed);
    expect(error).toMatchObject({ name: 'AddressRefused', message: expect.stringContaining('(street1)') });
    for (const value of Object.values(placed.shipTo)) if (value !== 'DE') expect(error.message).not.toContain(value);
    fake.interceptions.clear();
    await steps.run('VoidShippingLabel', placed);
    expect((await steps.loadOrder(placed.orderId)).label).toBeUndefined();
  });

  it('whose label is not taken back: the undo gives up, so that an operator is asked, and does it with the next try', async () => {
    const placed = await steps.orderAfter([...reserved, 'CreateShippingLabel']);
    fake.settings.refundStatus = 'rejected';
    expect(await failureOf('VoidShippingLabel', placed)).toMatchObject({ name: 'LabelNotTakenBack' });
    expect((await steps.loadOrder(placed.orderId)).label?.voidedAt).toBeUndefined();
    fake.settings.refundStatus = 'submitted';
    await steps.run('VoidShippingLabel', placed);
    expect((await steps.loadOrder(placed.orderId)).label?.voidedAt).toEqual(expect.any(String));
    expect(fake.usable(keyOf(placed))).toEqual([]);
  });
});

it('a step says where to mend it when EasyPost does not take the key', async () => {
  const placed = await steps.orderAfter(reserved);
  fake.interceptions.set(apiKey, () => refusal(401, 'APIKEY.INACTIVE'));
  const error = await failureOf('CreateShippingLabel', placed);
  expect(error).toMatchObject({ name: 'CarrierMisconfigured' });
  expect(error.message).toContain('EASYPOST_KEY_SECRET_ARN');
  expect(error.message).not.toContain(apiKey);
});
