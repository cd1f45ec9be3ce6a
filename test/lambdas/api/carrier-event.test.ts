import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';

const { logsOf } = await startSurroundings();
const { handler } = await import('../../../lambdas/api/carrier-event.ts');
const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { trackingPointer } = await import('../../../lambdas/adapters/tracking-table.ts');
const { writeAll } = await import('../../../lambdas/adapters/transaction.ts');
const { giveAnswer, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');
const { signWebhook } = await import('../../../lambdas/domain/webhook-signature.ts');

/** An order whose label was bought. */
async function labelled() {
  const [orderId, trackingNumber] = [`ord_${randomUUID()}`, `TRK${randomUUID()}`];
  await writeAll([trackingPointer(trackingNumber, orderId)]);
  return { orderId, trackingNumber };
}
const scan = (trackingNumber: string, changes: object = {}) => ({
  id: randomUUID(),
  type: 'picked_up',
  trackingNumber,
  occurredAt: '2030-01-02T03:04:05Z',
  ...changes,
});

/** As the carrier sends it. */
function send(
  body: unknown,
  {
    at = Date.now(),
    key = 'the key of the carrier',
    ...more
  }: Partial<RequestOptions> & { at?: number; key?: string } = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = String(Math.floor(at / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-carrier-timestamp': timestamp,
    'x-carrier-signature': signWebhook(key, timestamp, text),
    ...more.headers,
  };
  return request(handler, { method: 'POST', path: '/carrier-events', body: text, authorizer: null, ...more, headers });
}
const answerOf = async (orderId: string) => (await readWait(carrierPickupWaitOf(orderId).waitId))?.answer;

describe('a carrier event', () => {
  it('answers the pickup wait of its parcel, also before that is open', async () => {
    const { orderId, trackingNumber } = await labelled();
    const event = scan(trackingNumber);
    expect(await send(event)).toMatchObject({ status: 200, body: { result: 'accepted' } });
    expect(await answerOf(orderId)).toEqual({
      action: 'picked-up',
      by: 'carrier',
      at: expect.any(String),
      detail: { eventId: event.id, type: 'picked_up', occurredAt: event.occurredAt },
    });
  });

  it('is verified over the bytes as they came, also as base64', async () => {
    const { trackingNumber } = await labelled();
    const spaced = JSON.stringify(scan(trackingNumber), null, 3);
    expect(await send(spaced, { base64: true })).toMatchObject({ body: { result: 'accepted' } });
  });

  it('again is 200 and changes nothing, whatever else it says now', async () => {
    const { trackingNumber } = await labelled();
    const other = await labelled();
    const event = scan(trackingNumber);
    await send(event);
    const before = await everything();
    expect(await send(event)).toMatchObject({ status: 200, body: { result: 'repeated' } });
    expect(await send({ ...event, trackingNumber: other.trackingNumber })).toMatchObject({
      body: { result: 'repeated' },
    });
    expect(await everything()).toEqual(before);
  });

  it('fifty times at once changes one thing', async () => {
    const { trackingNumber } = await labelled();
    const event = scan(trackingNumber);
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(event)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(answers.filter(({ body }) => body.result === 'accepted')).toHaveLength(1);
  });

  it('that says "delivered" before "picked up" answers just as well, and the late one changes nothing', async () => {
    const { orderId, trackingNumber } = await labelled();
    expect((await send(scan(trackingNumber, { type: 'delivered' }))).body.result).toBe('accepted');
    const before = await everything();
    expect((await send(scan(trackingNumber))).body.result).toBe('repeated');
    expect(await everything()).toEqual(before);
    expect(await answerOf(orderId)).toMatchObject({ detail: { type: 'delivered' } });
  });

  it('of a type that says nothing about the pickup is taken and changes nothing', async () => {
    const { trackingNumber } = await labelled();
    const unknown = scan('TRK404', { type: 'label_created' });
    const before = await everything();
    expect(await send(scan(trackingNumber, { type: 'label_created', extra: 1 }))).toMatchObject({
      status: 200,
      body: { result: 'ignored' },
    });
    expect((await send(unknown)).body).toEqual({ result: 'ignored' });
    expect(await everything()).toEqual(before);
  });

  it('of the parcel that had the number long before the order changes nothing', async () => {
    const { orderId, trackingNumber } = await labelled();
    await placeOrder({ ...placedOrder(), orderId, placedAt: '2030-01-02T03:04:05Z' });
    const longAgo = scan(trackingNumber, { type: 'delivered', occurredAt: '2027-01-01T00:00:00Z' });
    const before = await everything();
    expect(await send(longAgo)).toMatchObject({ status: 200, body: { result: 'ignored' } });
    expect(await everything()).toEqual(before);
    expect((await send(scan(trackingNumber, { occurredAt: '2030-01-01T12:00:00Z' }))).body.result).toBe('accepted');
  });

  it('after the order was cancelled is too late: the answer stands, and somebody is told', async () => {
    const { orderId, trackingNumber } = await labelled();
    await giveAnswer(carrierPickupWaitOf(orderId), {
      error: 'OrderCancelled',
      by: 'shop',
      at: '2030-01-02T03:00:00Z',
    });
    const before = await everything();
    const logs = await logsOf(async () => {
      expect((await send(scan(trackingNumber))).body).toEqual({ result: 'too late' });
    });
    expect(logs).toContain('parcel picked up after its order was cancelled');
    expect(await everything()).toEqual(before);
  });
});

describe('a carrier event of a parcel that no label is known of', () => {
  it('is kept, and somebody is told', async () => {
    const event = scan(`TRK${randomUUID()}`);
    const logs = await logsOf(async () => {
      expect(await send(event)).toMatchObject({ status: 202, body: { result: 'kept' } });
    });
    expect(logs).toContain(`"trackingNumber":"${event.trackingNumber}"`);
  });

  it('is kept once, whatever is sent after it', async () => {
    const event = scan(`TRK${randomUUID()}`);
    await send(event);
    const before = await everything();
    expect(await send(event)).toMatchObject({ status: 200, body: { result: 'repeated' } });
    expect(await everything()).toEqual(before);
    expect(await send(scan(event.trackingNumber, { type: 'delivered' }))).toMatchObject({ status: 202 });
  });

  it('does not act twice when its label is known by the time that it is repeated', async () => {
    const event = scan(`TRK${randomUUID()}`);
    await send(event);
    const orderId = `ord_${randomUUID()}`;
    await writeAll([trackingPointer(event.trackingNumber, orderId, { despiteScan: true })]);
    expect(await send(event)).toMatchObject({ status: 200, body: { result: 'repeated' } });
    expect(await answerOf(orderId)).toBeUndefined();
  });

  it('fifty times at once is kept once', async () => {
    const event = scan(`TRK${randomUUID()}`);
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(event)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  });
});

describe('a carrier event that cannot be taken', () => {
  it.each<[string, object]>([
    ['another key', { key: 'a guess' }],
    ['no signature', { headers: { 'x-carrier-signature': '' } }],
    ['a cut signature', { headers: { 'x-carrier-signature': 'abcd' } }],
    ['no timestamp', { headers: { 'x-carrier-timestamp': '' } }],
    ['another timestamp than was signed', { headers: { 'x-carrier-timestamp': '1700000000' } }],
    ['an old timestamp', { at: Date.now() - 301_000 }],
    ['a timestamp of the future', { at: Date.now() + 3_600_000 }],
  ])('because of %s: 403, and nothing is left behind', async (_, options) => {
    const { trackingNumber } = await labelled();
    const before = await everything();
    const answer = await send(scan(trackingNumber), options);
    expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json' } });
    expect(await everything()).toEqual(before);
  });

  it('is not even parsed before it is verified', async () => {
    expect((await send('{"broken', { key: 'a guess' })).status).toBe(403);
    expect((await send('{"broken')).status).toBe(400);
  });

  it.each<[string, object, number, object]>([
    ['no id', { id: undefined }, 400, { pointer: '/id' }],
    ['an id with spaces', { id: 'a b' }, 400, { pointer: '/id' }],
    ['a type that is no name', { type: 'PICKED UP' }, 400, { pointer: '/type' }],
    ['a time that is none', { occurredAt: 'today' }, 400, { pointer: '/occurredAt' }],
    ['a tracking number that is none', { trackingNumber: 'x#y' }, 400, { pointer: '/trackingNumber' }],
    ['a body over the limit', { padding: 'x'.repeat(70_000) }, 413, {}],
  ])('because of %s is told so, and leaves nothing behind', async (_, change, status, error) => {
    const { trackingNumber } = await labelled();
    const before = await everything();
    const answer = await send(scan(trackingNumber, change));
    expect(answer).toMatchObject({ status, body: { errors: [error] } });
    expect(await everything()).toEqual(before);
  });

  it('in another content type is 415', async () => {
    const { trackingNumber } = await labelled();
    expect((await send(scan(trackingNumber), { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });

  it('leaves no signature and no key in the log', async () => {
    const { trackingNumber } = await labelled();
    const headers = { 'x-carrier-signature': 'feedfacefeedface' };
    const logs = await logsOf(() => send(scan(trackingNumber), { headers }));
    expect(logs).not.toMatch(/feedface|the key of the carrier/);
  });
});
