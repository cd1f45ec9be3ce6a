import { vi } from 'vitest';
import { type Call, stopHandlersAtCalls } from '../../support/exploration/sdk-calls.ts';
import type { Space } from '../../support/exploration/search.ts';
import { stoppedHandlers } from '../../support/exploration/stopped-handlers.ts';
import { startWorlds, taskPlace, taskText } from '../../support/exploration/world.ts';
import type { FakeAws } from '../../support/fake-aws.ts';
import { placedOrder } from '../../support/orders.ts';
import { rulesOf } from './rendezvous-rules.ts';
import { rendezvous } from './rendezvous-space.ts';
import type { Plot, State } from './rendezvous-state.ts';

/** An order whose process has just begun to wait for its picker, the real handlers, and the real table. */
export async function startStage(aws: FakeAws) {
  const { castOf } = await import('./rendezvous-cast.ts');
  const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
  const { orderIdOf } = await import('../../../lambdas/domain/order-id.ts');
  const { pickingWaitOf } = await import('../../../lambdas/domain/wait.ts');

  const orderId = orderIdOf('shop', 'rendezvous');
  await placeOrder(placedOrder({ orderId }));
  const worlds = await startWorlds(aws);
  // A secret never changes here, and each handler keeps it in memory: reading it is no place to stop.
  const calls = stopHandlersAtCalls(({ service }) => service === 'Secrets Manager');
  vi.useFakeTimers({ toFake: ['Date'] });
  // What waits a random time before it tries again does not wait.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const handlers = stoppedHandlers(calls, (at) => vi.setSystemTime(at));

  const cast = await castOf(orderId);
  const rules = rulesOf(pickingWaitOf(orderId).waitId);
  const TableName = 'orders';
  const placed = await worlds.read(worlds.worldOf(new Map()), [
    { TableName, Key: { orderId, sk: 'order' } },
    { TableName, Key: { orderId, sk: 'event#000001' } },
  ]);

  /** The process waits with the first token; its message is in the queue. */
  function startOf({ tokens }: Plot, left: number): State {
    const token = tokens[0]!;
    const world = worlds.with(placed, taskPlace(token.taskToken), taskText({ open: true, taken: [] }));
    const messages = [{ token, stage: 'waiting' as const }];
    return { world, left, messages, records: [], seen: [], running: [], asked: [], faulty: false };
  }

  return {
    plots: Object.keys(cast.plots),
    /** What can happen in so many events. */
    space(name: string, events: number, inputOf?: (call: Call, by: string) => object): Space<State> {
      const plot = cast.plots[name]!;
      return rendezvous({ worlds, handlers, cast, plot, rules, ...(inputOf && { inputOf }) }, startOf(plot, events));
    },
    stop() {
      vi.useRealTimers();
      calls.restore();
    },
  };
}
