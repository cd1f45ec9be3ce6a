import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { everything } from '../../support/tables.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler } = await import('../../../lambdas/api/place-order.ts');
const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');

const order = {
  customer: { name: 'Ada Example', email: 'ada@example.com' },
  currency: 'EUR',
  lines: [{ sku: 'tea-green', quantity: 2, unitPriceMinor: 450 }],
  shipTo: { name: 'Ada Example', line1: '1 Sample Street', city: 'Berlin', postalCode: '10115', country: 'DE' },
  paymentToken: 'tok_visa',
};
const post = (body: unknown, more: Partial<RequestOptions> = {}) =>
  request(handler, {
    method: 'POST',
    path: '/orders',
    body,
    ...more,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1', ...more.headers },
  });

beforeEach(() => aws.executions.clear());

describe('placing an order', () => {
  it('starts one execution, named after the order, with the whole order as its input', async () => {
    const answer = await post(order);
    expect(answer.status).toBe(202);
    const { orderId } = answer.body;
    expect(answer.body).toEqual({ orderId, status: 'accepted' });
    expect(answer.headers.location).toBe(`/orders/${orderId}`);
    const { stateMachineArn, input } = aws.executions.get(orderId)!;
    expect(stateMachineArn).toBe(process.env.STATE_MACHINE_ARN);
    expect(JSON.parse(input)).toEqual({
      ...order,
      orderId,
      placedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      placedBy: 'arn:aws:iam::000000000000:user/shop',
      requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('again with the same key and order is the same order and the same answer, while it runs and after it has ended', async () => {
    const first = await post(order);
    expect(await post(order)).toEqual(first);
    // Members in another order, other white space: the same order.
    const { paymentToken, ...others } = order;
    expect(await post(JSON.stringify({ paymentToken, ...others }, null, 2))).toEqual(first);
    aws.executions.get(first.body.orderId)!.status = 'SUCCEEDED';
    expect(await post(order)).toEqual(first);
    expect(aws.executions.size).toBe(1);
  });

  it('again is the same order also when Step Functions has forgotten the execution', async () => {
    const first = await post(order);
    await placeOrder(JSON.parse(aws.executions.get(first.body.orderId)!.input));
    aws.executions.clear();
    expect(await post(order)).toEqual(first);
    expect((await post({ ...order, currency: 'USD' })).status).toBe(422);
    expect(aws.executions.size).toBe(0);
  });

  it('with the same key and another order is 422, and the first order stays as it is', async () => {
    const headers = { 'idempotency-key': 'key-reused' };
    const first = await post(order, { headers });
    const before = structuredClone([...aws.executions]);
    const other = await post({ ...order, paymentToken: 'tok_mastercard' }, { headers });
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ type: 'urn:problem:waybill:idempotency-key-reused', status: 422 });
    expect(other.text).not.toContain(first.body.orderId);
    expect([...aws.executions]).toEqual(before);
  });

  it('with the same key by another caller is another order', async () => {
    const byRole = (session: string) =>
      post(order, { authorizer: { iam: { userArn: `arn:aws:sts::1:assumed-role/shop/${session}` } } });
    const byJwt = (sub: string) => post(order, { authorizer: { jwt: { claims: { iss: 'https://issuer', sub } } } });
    const ids = [await post(order), await byRole('a'), await byJwt('x'), await byJwt('y')].map(
      ({ body }) => body.orderId,
    );
    expect(new Set(ids).size).toBe(4);
    // A role's session is another one after a restart of its process: that is still the same caller.
    expect((await byRole('b')).body.orderId).toBe(ids[1]);
  });

  it('is told "not now" when Step Functions is busy, and succeeds later', async () => {
    aws.failNext('StartExecution', 'ThrottlingException');
    const busy = await post(order, { headers: { 'idempotency-key': 'busy' } });
    expect(busy).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect((await post(order, { headers: { 'idempotency-key': 'busy' } })).status).toBe(202);
  });

  it('that fails for a reason of ours says nothing about our insides', async () => {
    aws.failNext('StartExecution', 'AccessDeniedException');
    const { status, text } = await post(order, { headers: { 'idempotency-key': 'defect' } });
    expect(status).toBe(500);
    expect(text).not.toMatch(/Access|arn:|stack/);
  });

  it('is told "not now" when an execution exists and cannot be read yet', async () => {
    await post(order, { headers: { 'idempotency-key': 'unread' } });
    aws.failNext('StartExecution', 'ExecutionAlreadyExists');
    aws.failNext('DescribeExecution', 'ExecutionDoesNotExist');
    expect((await post(order, { headers: { 'idempotency-key': 'unread' } })).status).toBe(503);
  });
});

describe('an order that cannot be taken', () => {
  const line = order.lines[0]!;
  const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
  const withLine = (change: object) => ({ ...order, lines: [{ ...line, ...change }] });

  it.each<[string, unknown, number, object]>([
    ['broken JSON', '{"customer": ', 400, { expected: expect.stringContaining('JSON') }],
    ['no body', undefined, 400, { found: 'nothing' }],
    ['a body that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, { found: 'bytes that are not UTF-8' }],
    [
      'a member that comes twice',
      '{"currency":"EUR","currency":"USD"}',
      400,
      { pointer: '/currency', found: 'this member occurs twice' },
    ],
    ['deep nesting', deep, 400, { found: expect.stringContaining('16') }],
    ['a body that is no object', [], 400, { pointer: '', found: 'an array of 0', expected: 'an object' }],
    ['an unknown field', { ...order, coupon: 'x' }, 400, { pointer: '/coupon', expected: 'no such field' }],
    ['an unknown field inside', withLine({ colour: 'red' }), 400, { pointer: '/lines/0/colour' }],
    [
      'a field that would change prototypes',
      `{"__proto__":{}, ${JSON.stringify(order).slice(1)}`,
      400,
      { pointer: '/__proto__' },
    ],
    [
      'a missing field',
      { ...order, shipTo: undefined },
      400,
      { pointer: '/shipTo', found: 'nothing', expected: 'an object' },
    ],
    [
      'zero quantity',
      withLine({ quantity: 0 }),
      400,
      { pointer: '/lines/0/quantity', found: '0', expected: 'at least 1' },
    ],
    ['a negative quantity', withLine({ quantity: -1 }), 400, { pointer: '/lines/0/quantity', found: '-1' }],
    [
      'a quantity in words',
      withLine({ quantity: '2' }),
      400,
      { pointer: '/lines/0/quantity', found: '"2"', expected: 'a number' },
    ],
    [
      'fractional minor units',
      withLine({ unitPriceMinor: 4.5 }),
      400,
      { pointer: '/lines/0/unitPriceMinor', found: '4.5', expected: 'a whole number' },
    ],
    ['a negative price', withLine({ unitPriceMinor: -450 }), 400, { pointer: '/lines/0/unitPriceMinor' }],
    [
      'an amount that no card can pay',
      withLine({ quantity: 10_000, unitPriceMinor: 99_999_999 }),
      400,
      { pointer: '/lines' },
    ],
    ['no lines', { ...order, lines: [] }, 400, { pointer: '/lines', expected: 'at least 1 entries' }],
    [
      'too many lines',
      { ...order, lines: Array.from({ length: 5_001 }, (_, i) => ({ ...line, sku: `s${i}` })) },
      400,
      { pointer: '/lines', found: 'an array of 5001', expected: 'at most 5000 entries' },
    ],
    [
      'one SKU twice',
      { ...order, lines: [line, line] },
      400,
      { pointer: '/lines/1/sku', expected: 'is already in line 0' },
    ],
    ['an unknown currency', { ...order, currency: 'XYZ' }, 400, { pointer: '/currency', found: '"XYZ"' }],
    [
      'a line break in a name',
      { ...order, customer: { ...order.customer, name: 'Ada\nBcc: x' } },
      400,
      { pointer: '/customer/name' },
    ],
    ['a card number for a token', { ...order, paymentToken: '4242424242424242' }, 400, { pointer: '/paymentToken' }],
    ['a body over the limit', { ...order, padding: 'x'.repeat(1_600_000) }, 413, { expected: 'at most 1572864 bytes' }],
    ['10 MB', `"${'x'.repeat(10_000_000)}"`, 413, { expected: 'at most 1572864 bytes' }],
  ])('%s: is told what was found and expected, and leaves nothing behind', async (_, body, status, error) => {
    const before = await everything();
    const answer = await post(body, { base64: Buffer.isBuffer(body) });
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(answer.body).toMatchObject({
      status,
      type: expect.any(String),
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ found: expect.any(String), ...error }));
    expect(answer.text.length).toBeLessThan(4000);
    expect(aws.executions.size).toBe(0);
    expect(await everything()).toEqual(before);
  });

  it.each([
    ['no key', undefined],
    ['an empty key', ''],
    ['a key with a space', 'a b'],
    ['a key in other letters', 'schlüssel'],
    ['a key that is too long', 'x'.repeat(256)],
  ])('%s: 400 names the header', async (_, key) => {
    const answer = await request(handler, {
      method: 'POST',
      path: '/orders',
      body: order,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ header: 'idempotency-key' }] } });
    expect(aws.executions.size).toBe(0);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'as "%s": 415',
    async (type) => {
      const answer = await post(order, { headers: { 'content-type': type } });
      expect(answer).toMatchObject({ status: 415, body: { errors: [{ header: 'content-type' }] } });
      expect(aws.executions.size).toBe(0);
    },
  );

  it('is taken as base64 and with a charset all the same', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await post(JSON.stringify(order), { base64: true, headers })).status).toBe(202);
  });

  it('without an authenticated caller: 401', async () => {
    expect((await post(order, { authorizer: null })).status).toBe(401);
  });
});
