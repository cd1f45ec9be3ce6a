import type { Next, Reply, stopHandlersAtCalls } from './sdk-calls.ts';

/** One run of a handler. */
export interface Invocation {
  name: string;
  /** What it is run with, if the name does not say it all: equal for equal events. */
  event?: string;
  /** ISO 8601; the clock stands still while it runs. */
  at: string;
  handle(): Promise<unknown>;
}

/** A handler that was stopped before a call, or has ended. Two that have got the same replies are the same object. */
export interface Stopped {
  id: number;
  invocation: Invocation;
  next: Next;
  /** How many calls it has made. */
  calls: number;
}

/** Runs handlers from one call to the next; what was run before is not run again. */
export function stoppedHandlers(handlers: ReturnType<typeof stopHandlersAtCalls>, setClock: (at: string) => void) {
  const starts = new Map<string, Stopped>();
  const details = new Map<Stopped, { replies: Reply[]; further: Map<number, Stopped> }>();

  async function run(invocation: Invocation, replies: Reply[]): Promise<Stopped> {
    setClock(invocation.at);
    const next = await handlers.next(invocation.handle, replies);
    const stopped = { id: details.size, invocation, next, calls: replies.length };
    details.set(stopped, { replies, further: new Map() });
    return stopped;
  }

  return {
    begin(invocation: Invocation): Stopped | Promise<Stopped> {
      const key = `${invocation.name} ${invocation.event}`;
      const known = starts.get(key);
      if (known) return known;
      return run(invocation, []).then((stopped) => {
        starts.set(key, stopped);
        return stopped;
      });
    },
    goOn(before: Stopped, reply: Reply, replyId: number): Stopped | Promise<Stopped> {
      const { replies, further } = details.get(before)!;
      const known = further.get(replyId);
      if (known) return known;
      return run(before.invocation, [...replies, reply]).then((stopped) => {
        further.set(replyId, stopped);
        return stopped;
      });
    },
  };
}

export type StoppedHandlers = ReturnType<typeof stoppedHandlers>;
