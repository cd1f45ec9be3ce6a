import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { manyLines } from '../../support/big-orders.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startS3 } from '../../support/s3.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
const s3 = await startS3();
afterAll(async () => {
  await s3.stop();
  await aws.stop();
  await dynamodb.stop();
});
const { handler: place } = await import('../../../lambdas/api/place-order.ts');
const { handler: getOrder } = await import('../../../lambdas/api/get-order.ts');
const { handler: listOrders } = await import('../../../lambdas/api/list-orders.ts');
const { handler: listOrderEvents } = await import('../../../lambdas/api/list-order-events.ts');
const {
  appendEvent,
  placeOrder,
  rebuildOrder,
  getOrder: readOrder,
} = await import('../../../lambdas/adapters/order-table.ts');
const { keepLines } = await import('../../../lambdas/adapters/order-lines.ts');

const { orderId: _, placedAt: __, placedBy: ___, requestDigest: ____, lines: _____, ...order } = placedOrder();
const post = (body: unknown, key: string = randomUUID()) =>
  request(place, {
    method: 'POST',
    path: '/orders',
    body,
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });
const get = (orderId: string) => request(getOrder, { path: `/orders/${orderId}`, pathParameters: { orderId } });
const inputOf = (orderId: string) => aws.executions.get(orderId)!.input;
/** Lines whose every member is as long as it may be. */
const longestLines = Array.from({ length: 5_000 }, (_, n) => ({
  sku: `${n}`.padStart(5, '0').padEnd(64, 'x'),
  quantity: 10_000,
  unitPriceMinor: n === 0 ? 1 : 0,
}));

it('5,000 lines are put aside, and their order travels with a reference', async () => {
  const lines = manyLines(5_000);
  const { status, body } = await post({ ...order, lines });
  expect(status).toBe(202);
  const input = JSON.parse(inputOf(body.orderId));
  expect(input).toMatchObject({
    ...order,
    orderId: body.orderId,
    linesRef: { count: 5_000, first: lines.slice(0, 20) },
  });
  expect(input).not.toHaveProperty('lines');
  expect(inputOf(body.orderId).length).toBeLessThan(3_000);
  expect(JSON.parse(await s3.read(`placed/${body.orderId}/${input.linesRef.digest}.json`))).toEqual(lines);
});

it('as long as an order may be, indented, it is taken, and its input is a hundredth of what Step Functions takes', async () => {
  const text = JSON.stringify({ ...order, lines: longestLines }, null, 2);
  expect(text.length).toBeGreaterThan(700_000);
  const { status, body } = await post(text);
  expect(status).toBe(202);
  expect(inputOf(body.orderId).length).toBeLessThan(5_000);
});

it('90 lines travel with their order, and nothing is put aside; 91 do not', async () => {
  const before = (await s3.keys()).length;
  const small = await post({ ...order, lines: manyLines(90) });
  expect(JSON.parse(inputOf(small.body.orderId)).lines).toHaveLength(90);
  expect((await s3.keys()).length).toBe(before);
  const big = await post({ ...order, lines: manyLines(91) });
  expect(JSON.parse(inputOf(big.body.orderId)).linesRef.count).toBe(91);
  expect((await s3.keys()).length).toBe(before + 1);
});

it('placed again it is the same order and the same object; with one line changed it is 422', async () => {
  const key = randomUUID();
  const lines = manyLines(5_000);
  const first = await post({ ...order, lines }, key);
  const keys = await s3.keys();
  expect(await post({ lines, ...order }, key)).toEqual(first);
  expect(await s3.keys()).toEqual(keys);
  const changed = lines.map((line, n) => (n === 4_999 ? { ...line, quantity: line.quantity + 1 } : line));
  expect((await post({ ...order, lines: changed }, key)).status).toBe(422);
  expect(aws.executions.get(first.body.orderId)!.input).toContain('"count":5000');
});

it('a SKU that comes twice, far apart, is found', async () => {
  const lines = manyLines(5_000);
  lines[4_999]!.sku = lines[0]!.sku;
  const { status, body } = await post({ ...order, lines });
  expect(status).toBe(400);
  expect(body.errors).toEqual([
    { pointer: '/lines/4999/sku', found: `"${lines[0]!.sku}"`, expected: 'is already in line 0' },
  ]);
});

it('is shown with all of its lines, listed with their number, and rebuilt from its events', async () => {
  const lines = manyLines(5_000);
  const { body } = await post({ ...order, lines });
  const placed = JSON.parse(inputOf(body.orderId));
  await placeOrder(placed, ({ orderId, linesRef }) => keepLines(orderId, linesRef!));
  const totalMinor = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0);

  const shown = await get(body.orderId);
  expect(shown.status).toBe(200);
  expect(shown.body).toMatchObject({ status: 'accepted', totalMinor, lineCount: 5_000, lines });
  expect(shown.body).not.toHaveProperty('linesRef');
  expect(shown.text.length).toBeLessThan(6 * 1024 * 1024);

  const listed = (await request(listOrders, { path: '/orders?status=accepted' })).body.orders;
  const found = listed.find(({ orderId }: { orderId: string }) => orderId === body.orderId);
  expect(found).toMatchObject({ totalMinor, lineCount: 5_000 });
  expect(found).not.toHaveProperty('lines');

  const path = `/orders/${body.orderId}/events`;
  const events = await request(listOrderEvents, { path, pathParameters: { orderId: body.orderId } });
  expect(events.body.events).toEqual([expect.objectContaining({ type: 'OrderPlaced', lineCount: 5_000 })]);
  expect(events.text).not.toContain('linesRef');

  expect(await rebuildOrder(body.orderId)).toEqual(await readOrder(body.orderId));
});

it('whose lines were never kept is shown without them; when they are gone later, it says so', async () => {
  const { body } = await post({ ...order, lines: manyLines(100) });
  await placeOrder(JSON.parse(inputOf(body.orderId)));
  const before = await get(body.orderId);
  expect(before.body).toMatchObject({ lineCount: 100 });
  expect(before.body).not.toHaveProperty('linesProblem');
  const at = '2030-01-02T04:00:00.000Z';
  await appendEvent(body.orderId, () => ({ type: 'PaymentCharged', at, chargeId: 'ch', amountMinor: 1 }));
  expect(await get(body.orderId)).toMatchObject({
    status: 200,
    body: { status: 'charged', linesProblem: { type: 'urn:problem:waybill:order-lines-lost' } },
  });
});

it('is told "not now" while S3 cannot be reached, and nothing is started; small orders do not notice', async () => {
  await s3.stop();
  const before = aws.executions.size;
  expect(await post({ ...order, lines: manyLines(100) })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
  });
  expect(aws.executions.size).toBe(before);
  expect((await post({ ...order, lines: manyLines(90) })).status).toBe(202);
});
