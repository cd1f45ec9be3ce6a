/** Faults of a queue's deliveries: twice, late, out of order, never (until the visibility timeout is over). */
import type { TakeOver } from '../aws/event-sources/sqs.ts';
import type { Clock } from '../engine/ports.ts';
import { callName, recordName } from './call-name.ts';
import type { FaultBook } from './fault-book.ts';
import { functionNameIn } from './function-name.ts';
import { pause } from './pause.ts';

/** Stands between a queue and the mapping that receives from it. What it holds back is hidden in the queue, and comes again if the runtime dies. */
export function breakQueue(
  { eventSourceArn, functionName }: { eventSourceArn: string; functionName: string },
  book: FaultBook,
  clock: Clock,
): TakeOver {
  const queue = eventSourceArn.split(':').at(-1)!;
  const name = functionNameIn(functionName);
  /** Messages that wait to be overtaken by the next one. */
  const overtaken: (() => void)[] = [];

  return async (message) => {
    if (book.plan.rules.length === 0 && overtaken.length === 0) return false;
    const call = callName(queue, recordName({ body: message.body }));
    const fault = await book.ask({ at: 'queue', queue, function: name, name: call });
    const later = (act: () => void) => void pause(clock, fault?.delayMs ?? 0).then(act);
    switch (fault?.kind) {
      case 'lost':
        message.leave();
        return true;
      case 'late':
        message.leave();
        later(message.hand);
        return true;
      case 'twice':
        message.hand();
        later(message.hand);
        return true;
      case 'out-of-order': {
        message.leave();
        let handed = false;
        const handOnce = () => {
          if (!handed) message.hand();
          handed = true;
        };
        overtaken.push(handOnce);
        later(handOnce);
        return true;
      }
    }
    if (overtaken.length === 0) return false;
    message.hand();
    for (const hand of overtaken.splice(0)) hand();
    return true;
  };
}
