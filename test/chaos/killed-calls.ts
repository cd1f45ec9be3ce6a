import type { interceptedCalls } from '../support/intercepted-calls.ts';

/** Where a call ends: at the n-th request to DynamoDB (from 1), before it is sent or after it took effect. */
export interface Kill {
  atRequest: number;
  afterEffect: boolean;
}

export class Killed extends Error {
  override readonly name = 'Sandbox.Timedout';
}

/**
 * Kills handlers as Lambda does: nothing of them runs any more, no `catch` and no clean-up. Returns a function that makes
 * a call and, with a `Kill`, rejects with `Killed` if the call got that far.
 */
export function killableCalls(intercepted: ReturnType<typeof interceptedCalls>) {
  return <Result>(call: () => Promise<Result>, kill?: Kill): Promise<Result> => {
    if (!kill) return call();
    const { promise: killed, reject: die } = Promise.withResolvers<never>();
    const running = intercepted(call, async ({ number }, send) => {
      if (number !== kill.atRequest) return send();
      if (kill.afterEffect) await send();
      die(new Killed());
      return new Promise(() => {});
    });
    return Promise.race([running, killed]);
  };
}
