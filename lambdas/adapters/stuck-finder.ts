import { fewAtATime } from '../domain/few-at-a-time.ts';
import {
  graceSeconds,
  hasStopped,
  isDeliveryLate,
  isLeftOver,
  openStatuses,
  pastDueGraceSeconds,
  type StuckOrder,
  type StuckWait,
  statusBudgetSeconds,
  type WaitTimeouts,
} from '../domain/stuck.ts';
import { readEnv } from '../env.ts';
import { progressOf } from './execution-progress.ts';
import { getOrder } from './order-table.ts';
import { listHalfMoved, listUnmoved, listWaiting } from './stuck-candidates.ts';
import { readWait } from './wait-table.ts';

const { WAIT_TIMEOUTS_SECONDS } = readEnv(['WAIT_TIMEOUTS_SECONDS']);
const timeouts = JSON.parse(WAIT_TIMEOUTS_SECONDS) as WaitTimeouts;

/** What hangs, each list with the oldest first. */
export interface Stuck {
  waits: StuckWait[];
  orders: StuckOrder[];
  /** Waits past due whose orders have ended: nobody waits for them, they only stand in the inbox. */
  leftOver: string[];
}

/**
 * Looks for what hangs. On a healthy system these are nine queries that find nothing: two on the index of waits, one per
 * open status on the index of orders, one for orders on their way to another version. What they find is a candidate, which is looked at before anyone is told.
 *
 * @param atMost candidates of each query that are looked at: what is behind them is found when they are dealt with
 */
export async function findStuck(now: Date, atMost: number): Promise<Stuck> {
  const [pastDue, undelivered, halfMoved, ...orders] = await Promise.all([
    findPastDue(now, atMost),
    findUndelivered(now, atMost),
    findHalfMoved(now, atMost),
    ...openStatuses.map((status) => findStopped(status, now, atMost)),
  ]);
  return {
    waits: [...pastDue.waits, ...undelivered],
    // One that was half moved long ago is found twice.
    orders: [...new Map([...halfMoved, ...orders.flat()].map((order) => [order.orderId, order])).values()],
    leftOver: pastDue.leftOver,
  };
}

async function findPastDue(now: Date, atMost: number): Promise<Pick<Stuck, 'waits' | 'leftOver'>> {
  const found = await listWaiting('yes', atMost, before(now, pastDueGraceSeconds));
  const looked = await eachOf(found, async (wait) => {
    const orderId = orderIdIn(wait.waitId);
    return { wait: { ...wait, orderId }, isLeftOver: isLeftOver(await getOrder(orderId)) };
  });
  return {
    waits: looked
      .filter((each) => !each.isLeftOver)
      .map(({ wait: { waitId, orderId, expiresAt } }) => ({ waitId, orderId, expiresAt, why: 'past due' as const })),
    leftOver: looked.filter((each) => each.isLeftOver).map(({ wait }) => wait.waitId),
  };
}

async function findUndelivered(now: Date, atMost: number): Promise<StuckWait[]> {
  const found = await eachOf(await listWaiting('delivery', atMost), async ({ waitId, expiresAt }) =>
    isDeliveryLate(await readWait(waitId), now)
      ? { waitId, orderId: orderIdIn(waitId), expiresAt, why: 'answer not delivered' as const }
      : undefined,
  );
  return found.filter((wait) => wait !== undefined);
}

async function findStopped(status: (typeof openStatuses)[number], now: Date, atMost: number): Promise<StuckOrder[]> {
  const unmoved = await listUnmoved(status, atMost, before(now, statusBudgetSeconds(status, timeouts)));
  const found = await eachOf(unmoved, async ({ orderId, updatedAt }) => {
    const progress = await progressOf(orderId);
    if (progress && !hasStopped(progress, timeouts, now)) return undefined;
    return { orderId, status, updatedAt, execution: progress?.status ?? 'none' };
  });
  return found.filter((order) => order !== undefined);
}

/** Orders whose execution was stopped to go on elsewhere, by a command that was ended then and not run again. */
async function findHalfMoved(now: Date, atMost: number): Promise<StuckOrder[]> {
  const found = await eachOf(await listHalfMoved(atMost, before(now, graceSeconds)), async ({ orderId, plannedAt }) => {
    const [order, progress] = await Promise.all([getOrder(orderId), progressOf(orderId)]);
    if (progress?.status === 'RUNNING' || isLeftOver(order)) return undefined;
    const { status = 'accepted', updatedAt = plannedAt } = order ?? {};
    return { orderId, status, updatedAt, execution: progress?.status ?? 'none' };
  });
  return found.filter((order) => order !== undefined);
}

const before = (now: Date, seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
const orderIdIn = (waitId: string) => waitId.slice(0, waitId.indexOf('#'));

/** A few at a time: DescribeExecution is throttled at 15 a second for the whole account. */
async function eachOf<Item, Result>(items: readonly Item[], look: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const never = () => false;
  await fewAtATime([...items.entries()], 5, never, async ([place, item]) => {
    results[place] = await look(item);
  });
  return results;
}
