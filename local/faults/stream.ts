/** Faults of a stream's batches: delivered again although the function has taken them, or late. */
import { tableOf } from '../aws/event-sources/stream-checkpoints.ts';
import type { Clock, FunctionInvoker } from '../engine/ports.ts';
import { callName, eventName } from './call-name.ts';
import type { FaultBook } from './fault-book.ts';
import { functionNameIn } from './function-name.ts';
import { pause } from './pause.ts';

/** Stands between a stream and its function. The shard waits meanwhile, as it does for every batch. */
export function breakStream(
  invoker: FunctionInvoker,
  { eventSourceArn, functionName }: { eventSourceArn: string; functionName: string },
  book: FaultBook,
  clock: Clock,
): FunctionInvoker {
  const table = tableOf(eventSourceArn);
  const name = functionNameIn(functionName);
  return {
    async invoke(target, payload, options) {
      if (book.plan.rules.length === 0) return invoker.invoke(target, payload, options);
      const call = callName(table, eventName(payload));
      const fault = await book.ask({ at: 'stream', tables: [table], function: name, name: call });
      if (fault?.kind === 'late') await pause(clock, fault.delayMs ?? 0, options?.signal);
      const result = await invoker.invoke(target, payload, options);
      if (fault?.kind !== 'twice' || result.functionError) return result;
      await pause(clock, fault.delayMs ?? 0, options?.signal);
      return invoker.invoke(target, payload, options);
    },
  };
}
