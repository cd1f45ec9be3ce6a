import { afterAll, expect, test } from 'vitest';
import { startFakeAws } from '../support/fake-aws.ts';
import { placedOrder } from '../support/orders.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { startSteps } from '../support/steps.ts';
import { createAdversary } from './adversary.ts';
import { discrepancies } from './order-books.ts';

/** `ORDERS=1000 SEED=7 npx vitest run test/chaos/interleavings.test.ts` for a longer run, or to replay one. */
const orders = Number(process.env.ORDERS ?? 20);
const firstSeed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

const steps = await startSteps();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await steps.stop();
});
const { orderIdOf } = await import('../../lambdas/domain/order-id.ts');
const { readWait } = await import('../../lambdas/adapters/wait-table.ts');
const { carrierPickupWaitOf } = await import('../../lambdas/domain/wait.ts');
const play = await createAdversary(steps, aws);

test(`${orders} orders, whatever happens to their calls, messages and people: the books add up (seeds from ${firstSeed})`, {
  timeout: 60_000 + orders * 2000,
}, async () => {
  for (let seed = firstSeed; seed < firstSeed + orders; seed++) {
    const random = seededRandom(seed);
    const orderId = orderIdOf('shop', `order ${seed}`);
    const placed = placedOrder({ orderId, paymentToken: random() < 0.05 ? 'tok_chargeDeclined' : 'tok_visa' });
    placed.lines = placed.lines.map((line) => ({ ...line, sku: `${line.sku}-${orderId}` }));
    const onShelf = random() < 0.05 ? 1 : 10;
    for (const { sku } of placed.lines) await steps.putStock(sku, onShelf);

    const { output, told } = await play(placed, seed);

    // Without an output somebody started again what had ended: its order has the last word.
    const ended = output ?? (await steps.loadOrder(orderId)).outcome ?? { status: 'never ended' };
    const pickupWait = await readWait(carrierPickupWaitOf(orderId).waitId);
    expect(await discrepancies(steps, placed, onShelf, pickupWait, ended, told), `SEED=${seed} ORDERS=1`).toEqual([]);
  }
});
