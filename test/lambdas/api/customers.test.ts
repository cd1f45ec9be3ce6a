/** With a JWT issuer anybody may have a token: whose orders it opens. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';

process.env.JWT_STAFF_SCOPE = 'shop/staff';
const { aws } = await startSurroundings();
const { handler: place } = await import('../../../lambdas/api/place-order.ts');
const { handler: get } = await import('../../../lambdas/api/get-order.ts');
const { handler: events } = await import('../../../lambdas/api/list-order-events.ts');
const { handler: cancel } = await import('../../../lambdas/api/cancel-order.ts');
const { appendEvent, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { giveAnswer } = await import('../../../lambdas/adapters/wait-table.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');

type Claims = Record<string, string>;
const tokenOf = (sub: string, more: Claims = {}) => ({
  jwt: { claims: { iss: 'https://id.shop.test', sub, ...more } },
});
const routes = {
  'reading it': { handler: get, method: 'GET', path: '' },
  'its events': { handler: events, method: 'GET', path: '/events' },
  'cancelling it': { handler: cancel, method: 'POST', path: '/cancellation' },
};
const ask = (what: keyof typeof routes, orderId: string, authorizer: object | null) => {
  const { handler, method, path } = routes[what];
  return request(handler, { method, path: `/orders/${orderId}${path}`, pathParameters: { orderId }, authorizer });
};

/** An order of Ada's: started, and written by its first step or not yet. */
async function orderOfAda(isWritten: boolean): Promise<string> {
  const { orderId: _, placedAt: __, placedBy: ___, requestDigest: ____, ...body } = placedOrder();
  const headers = { 'idempotency-key': randomUUID() };
  const placed = await request(place, { method: 'POST', path: '/orders', body, headers, authorizer: tokenOf('ada') });
  const { orderId } = placed.body;
  if (isWritten) await placeOrder(JSON.parse(aws.executions.get(orderId)!.input));
  return orderId;
}
const all = Object.keys(routes) as (keyof typeof routes)[];

describe.each([
  ['that is written', true],
  ['that its first step has not written yet', false],
])('an order %s', (_, isWritten) => {
  it.each(all)('is open to who placed it: %s', async (what) => {
    expect((await ask(what, await orderOfAda(isWritten), tokenOf('ada'))).status).toBeLessThan(300);
  });

  it.each(all)('is not there for another customer, as if it did not exist: %s', async (what) => {
    const orderId = await orderOfAda(isWritten);
    const before = await everything();
    const absent = await ask(what, `ord_${'0'.repeat(26)}`, tokenOf('eve'));
    for (const other of [
      tokenOf('eve'),
      tokenOf('eve', { scope: 'openid shop/staffing' }),
      tokenOf('eve', { scope: 'shop staff' }),
      { jwt: { claims: { iss: 'https://other.test', sub: 'ada' } } },
    ]) {
      expect(await ask(what, orderId, other)).toEqual(absent);
    }
    expect(absent.status).toBe(404);
    expect(await everything()).toEqual(before);
  });

  it.each(all)('is open to staff, and to programs whose policy lets them call: %s', async (what) => {
    for (const staff of [
      tokenOf('olga', { scope: 'openid shop/staff' }),
      tokenOf('olga', { scp: '[openid shop/staff]' }),
      { iam: { userArn: 'arn:aws:iam::000000000000:user/back-office' } },
    ]) {
      expect((await ask(what, await orderOfAda(isWritten), staff)).status).toBeLessThan(300);
    }
  });
});

describe('a customer', () => {
  const at = '2030-01-02T04:00:00.000Z';
  const picker = 'Robin (warehouse)';
  const stuck = {
    type: 'UndoStuck',
    at,
    undo: 'RefundPayment',
    error: 'GatewayUnavailable',
    message: 'key sk_1',
  } as const;
  const byHand = {
    type: 'UndoneByHand',
    at,
    undo: 'RefundPayment',
    by: 'Olga (operator)',
    reason: 'called Ada',
  } as const;
  async function oldOrder() {
    const orderId = await orderOfAda(true);
    await appendEvent(orderId, () => [
      { type: 'PaymentCharged', at, chargeId: 'ch_1', amountMinor: 2100 },
      { type: 'OrderPicked', at, by: picker },
      { type: 'ConfirmationNotSent', at, reason: 'the identity mail@shop.test is not verified' },
      { type: 'CancellationRequested', at, by: 'arn:aws:iam::000000000000:user/back-office' },
      stuck,
      byHand,
      { type: 'OrderCancelled', at, reason: 'OrderCancelled', undoneByHand: ['RefundPayment'] },
    ]);
    return orderId;
  }
  const ours = /Robin|Olga|back-office|GatewayUnavailable|sk_1|called Ada|not verified|RefundPayment|"by"/;

  it('is told what became of the order and of the money, and not who of us did what', async () => {
    const orderId = await oldOrder();
    const order = await ask('reading it', orderId, tokenOf('ada'));
    expect(order.body).toMatchObject({
      status: 'cancelled',
      customer: { name: 'Ada Example' },
      payment: { chargeId: 'ch_1', amountMinor: 2100 },
      picked: { at },
      cancellationRequested: { at },
      outcome: { status: 'cancelled', reason: 'OrderCancelled' },
    });
    expect(order.body.lines).toHaveLength(2);
    const history = await ask('its events', orderId, tokenOf('ada'));
    expect(history.body.events.map(({ type }: { type: string }) => type)).toEqual([
      'OrderPlaced',
      'PaymentCharged',
      'OrderPicked',
      'CancellationRequested',
      'OrderCancelled',
    ]);
    expect(order.text + history.text).not.toMatch(ours);
  });

  it('who comes too late to cancel is told that the carrier has it, and not by whom', async () => {
    const orderId = await orderOfAda(true);
    const answer = { action: 'picked-up', by: picker, approver: 'warehouse', at, detail: { eventId: 'evt_1' } };
    await giveAnswer(carrierPickupWaitOf(orderId), answer);
    const late = await ask('cancelling it', orderId, tokenOf('ada'));
    expect(late).toMatchObject({ status: 409, body: { recorded: { action: 'picked-up', at } } });
    expect(late.text).not.toMatch(/Robin|warehouse|evt_1/);
    const staff = await ask('cancelling it', orderId, tokenOf('olga', { scope: 'shop/staff' }));
    expect(staff.body.recorded).toEqual({ action: 'picked-up', by: picker, at });
  });

  it('is the only one who is told less: staff sees all', async () => {
    const orderId = await oldOrder();
    const staff = tokenOf('olga', { scope: 'shop/staff' });
    const order = await ask('reading it', orderId, staff);
    expect(order.body).toMatchObject({
      picked: { by: picker },
      stuckUndos: [{ message: 'key sk_1' }],
      confirmationNotSent: {},
    });
    expect((await ask('its events', orderId, staff)).body.events).toHaveLength(8);
  });
});

it('is open to nobody whom API Gateway has not authenticated', async () => {
  const orderId = await orderOfAda(true);
  for (const what of all) expect((await ask(what, orderId, null)).status).toBe(401);
});
