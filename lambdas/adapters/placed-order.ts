import { setTimeout as pause } from 'node:timers/promises';
import type { Order } from '../domain/order.ts';
import { describeOrder, type OrderExecution } from './order-execution.ts';
import { getOrder } from './order-table.ts';

/** The order, or its execution in the moment before its first step has written it. */
export type Placed = { order: Order } | { execution: OrderExecution };

/**
 * Before an order is said to be unknown it is looked for once more, for a second and a half: Step Functions may not know yet
 * what it has just started, and whoever has read the 202 is not to be told that there is no such order. In between only the
 * table is asked: an account may describe few executions a second, and ids that nobody has placed cost two of them, not four.
 */
const pausesMs = [200, 400, 900];

/** Undefined: nobody has placed it (or long ago: an execution is known for 90 days). */
export async function findPlaced(orderId: string): Promise<Placed | undefined> {
  const found = (await look(orderId)) ?? (await lookInTable(orderId));
  return found ?? (await look(orderId));
}

async function look(orderId: string): Promise<Placed | undefined> {
  const order = await getOrder(orderId);
  if (order) return { order };
  const execution = await describeOrder(orderId);
  if (!execution) return undefined;
  // Written between the two reads? Then what was read last is the truth.
  const written = await getOrder(orderId);
  return written ? { order: written } : { execution };
}

async function lookInTable(orderId: string): Promise<Placed | undefined> {
  for (const pauseMs of pausesMs) {
    await pause(pauseMs);
    const order = await getOrder(orderId);
    if (order) return { order };
  }
  return undefined;
}
