import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';

const { logsOf } = await startSurroundings();
process.env.CARRIER = 'easypost';
const { handler } = await import('../../../lambdas/api/carrier-event.ts');
const { trackingPointer } = await import('../../../lambdas/adapters/tracking-table.ts');
const { writeAll } = await import('../../../lambdas/adapters/transaction.ts');
const { readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { signEasyPost } = await import('../../../lambdas/domain/easypost-signature.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');

/** An order whose label was bought. */
async function labelled() {
  const [orderId, trackingCode] = [`ord_${randomUUID()}`, `EZ${randomUUID()}`];
  await writeAll([trackingPointer(trackingCode, orderId)]);
  return { orderId, trackingCode };
}

/** As https://docs.easypost.com/docs/events and .../trackers show it. */
const trackerEvent = (trackingCode: string, status: unknown, changes: object = {}) => ({
  id: `evt_${randomUUID().replaceAll('-', '')}`,
  object: 'Event',
  created_at: '2030-01-02T03:04:05Z',
  updated_at: '2030-01-02T03:04:05Z',
  description: 'tracker.updated',
  mode: 'production',
  previous_attributes: { status: 'pre_transit' },
  pending_urls: [],
  completed_urls: [],
  result: {
    id: 'trk_1',
    object: 'Tracker',
    mode: 'production',
    tracking_code: trackingCode,
    status,
    weight: 17.6,
    carrier: 'USPS',
    tracking_details: [{ object: 'TrackingDetail', status: 'pre_transit', tracking_location: { city: null } }],
  },
  ...changes,
});

/** As EasyPost sends it. */
function send(
  body: unknown,
  {
    at = Date.now(),
    key = 'the key of the carrier',
    ...more
  }: Partial<RequestOptions> & { at?: number; key?: string } = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = new Date(at).toUTCString().replace('GMT', '-0000');
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'EasyPost Web Hook Agent 0.1',
    'x-timestamp': timestamp,
    'x-path': '/carrier-events',
    'x-hmac-signature': 'hmac-sha256-hex=of-the-first-version',
    'x-hmac-signature-v2': signEasyPost(key, { timestamp, path: '/carrier-events' }, text),
    ...more.headers,
  };
  return request(handler, { method: 'POST', path: '/carrier-events', body: text, authorizer: null, ...more, headers });
}
const answerOf = async (orderId: string) => (await readWait(carrierPickupWaitOf(orderId).waitId))?.answer;

describe('an event of EasyPost', () => {
  it.each(['in_transit', 'out_for_delivery', 'available_for_pickup', 'delivered', 'return_to_sender'])(
    'that says %s of a parcel answers the pickup wait of its order',
    async (status) => {
      const { orderId, trackingCode } = await labelled();
      const event = trackerEvent(trackingCode, status);
      expect(await send(event)).toMatchObject({ status: 200, body: { result: 'accepted' } });
      expect(await answerOf(orderId)).toMatchObject({
        action: 'picked-up',
        by: 'carrier',
        detail: { eventId: event.id, type: status, occurredAt: event.created_at },
      });
    },
  );

  it.each(['unknown', 'pre_transit', 'failure', 'cancelled', 'error', 'something new'])(
    'that says %s of a parcel is taken and changes nothing',
    async (status) => {
      const { trackingCode } = await labelled();
      const before = await everything();
      expect(await send(trackerEvent(trackingCode, status))).toMatchObject({
        status: 200,
        body: { result: 'ignored' },
      });
      expect(await everything()).toEqual(before);
    },
  );

  it.each<[string, object]>([
    ['a batch', { description: 'batch.updated', result: { object: 'Batch', status: 'created' } }],
    ['a refund', { description: 'refund.successful', result: { object: 'Refund', tracking_code: 'EZ1' } }],
    ['nothing', { description: 'report.empty', result: null }],
  ])('about %s is taken and changes nothing', async (_, changes) => {
    const before = await everything();
    expect(await send(trackerEvent('EZ1', 'in_transit', changes))).toMatchObject({
      status: 200,
      body: { result: 'ignored' },
    });
    expect(await everything()).toEqual(before);
  });

  it('of a tracker that begins with a parcel under way counts', async () => {
    const { orderId, trackingCode } = await labelled();
    await send(trackerEvent(trackingCode, 'in_transit', { description: 'tracker.created' }));
    expect(await answerOf(orderId)).toMatchObject({ action: 'picked-up' });
  });

  it.each<[string, unknown, string, string?]>([
    [
      'the newest of its scans',
      [
        { datetime: '2029-12-30T10:00:00Z' },
        { datetime: '2029-12-31T12:00:00+02:00' },
        { datetime: '2029-12-31T09:00:00Z' },
      ],
      '2029-12-31T12:00:00+02:00',
    ],
    [
      'the newest scan that has a time',
      [{ datetime: '2029-12-31T09:00:00Z' }, { datetime: 'noon' }, { datetime: null }, null],
      '2029-12-31T09:00:00Z',
    ],
    ['the event, where no scan has a time', [{ status: 'in_transit' }], '2030-01-02T03:04:05Z'],
    ['the event, where there is no scan', null, '2030-01-02T03:04:05Z'],
    [
      'the event in test mode, whose scans are made up, a month before',
      [{ datetime: '2029-12-02T03:04:05Z' }],
      '2030-01-02T03:04:05Z',
      'test',
    ],
  ])('happened at the time of %s', async (_, tracking_details, occurredAt, mode = 'production') => {
    const { orderId, trackingCode } = await labelled();
    const result = { tracking_code: trackingCode, status: 'in_transit', tracking_details };
    expect(await send(trackerEvent(trackingCode, 'in_transit', { result, mode }))).toMatchObject({ status: 200 });
    expect(await answerOf(orderId)).toMatchObject({ detail: { occurredAt } });
  });

  it('that is played back acts once, also when EasyPost signs it anew', async () => {
    const { trackingCode } = await labelled();
    const event = trackerEvent(trackingCode, 'in_transit');
    await send(event);
    const before = await everything();
    for (const at of [Date.now(), Date.now() + 60_000]) {
      expect(await send(event, { at })).toMatchObject({ status: 200, body: { result: 'repeated' } });
    }
    expect(await everything()).toEqual(before);
  });

  it('is verified over the bytes as they came, also as base64', async () => {
    const { trackingCode } = await labelled();
    const spaced = JSON.stringify(trackerEvent(trackingCode, 'in_transit'), null, 3).replace('17.6', '17.0');
    expect(await send(spaced, { base64: true })).toMatchObject({ body: { result: 'accepted' } });
  });

  it('of a parcel that no label is known of yet is kept', async () => {
    expect(await send(trackerEvent(`EZ${randomUUID()}`, 'in_transit'))).toMatchObject({
      status: 202,
      body: { result: 'kept' },
    });
  });
});

describe('an event that EasyPost did not send, or not now', () => {
  it.each<[string, object]>([
    ['another key', { key: 'a guess' }],
    ['no signature', { headers: { 'x-hmac-signature-v2': '' } }],
    ['a cut signature', { headers: { 'x-hmac-signature-v2': 'hmac-sha256-hex=abcd' } }],
    ['no timestamp', { headers: { 'x-timestamp': '' } }],
    ['another timestamp than was signed', { headers: { 'x-timestamp': 'Tue, 19 Aug 2025 20:37:09 -0000' } }],
    ['another path than was signed', { headers: { 'x-path': '/' } }],
    ['a timestamp that is old', { at: Date.now() - 302_000 }],
    ['a timestamp of the future', { at: Date.now() + 3_600_000 }],
  ])('is refused because of %s, and leaves nothing behind', async (_, options) => {
    const { trackingCode } = await labelled();
    const before = await everything();
    const answer = await send(trackerEvent(trackingCode, 'in_transit'), options);
    expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json' } });
    expect(answer.text).toMatch(/x-hmac-signature-v2|x-timestamp/);
    expect(await everything()).toEqual(before);
  });

  it('is not even parsed before it is verified', async () => {
    expect((await send('{"broken', { key: 'a guess' })).status).toBe(403);
    expect((await send('{"broken')).status).toBe(400);
  });

  it('of the sandbox carrier is refused', async () => {
    const headers = { 'x-hmac-signature-v2': '', 'x-carrier-timestamp': '1', 'x-carrier-signature': 'ab' };
    expect((await send({ id: '1', type: 'picked_up' }, { headers })).status).toBe(403);
  });

  it('leaves no signature and no key in the log', async () => {
    const headers = { 'x-hmac-signature-v2': 'hmac-sha256-hex=feedfacefeedface' };
    const logs = await logsOf(() => send(trackerEvent('EZ1', 'in_transit'), { headers }));
    expect(logs).not.toMatch(/feedface|the key of the carrier/);
  });
});

describe('an event that is not as EasyPost describes it', () => {
  it.each<[string, object, object]>([
    ['no id', { id: undefined }, { pointer: '/id' }],
    ['no description', { description: undefined }, { pointer: '/description' }],
    ['a time that is none', { created_at: 'today' }, { pointer: '/created_at' }],
    ['no tracker', { result: null }, { pointer: '/result' }],
    ['a tracker without a code', { result: { status: 'in_transit' } }, { pointer: '/result/tracking_code' }],
    [
      'a tracking code that is none',
      { result: { status: 'in_transit', tracking_code: 'a b' } },
      { pointer: '/result/tracking_code', found: '"a b"' },
    ],
    ['a tracker without a status', { result: { tracking_code: 'EZ1' } }, { pointer: '/result/status' }],
  ])('because of %s is told so, and leaves nothing behind', async (_, changes, error) => {
    const before = await everything();
    const answer = await send(trackerEvent('EZ1', 'in_transit', changes));
    expect(answer).toMatchObject({ status: 400, body: { errors: [error] } });
    expect(await everything()).toEqual(before);
  });

  it('in another content type is 415', async () => {
    expect((await send(trackerEvent('EZ1', 'in_transit'), { headers: { 'content-type': 'text/plain' } })).status).toBe(
      415,
    );
  });
});
