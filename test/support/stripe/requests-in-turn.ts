import type { Bend } from './gateway-calls.ts';

/**
 * Runs calls beside each other and decides, at each of their requests, whose comes next and what becomes of it: it is
 * answered, its process dies before or after it, or with it on its way, or Stripe hangs up before or after it.
 */
export function requestsInTurn(random: () => number, forget: () => void) {
  const waiting: (() => Promise<void>)[] = [];
  const underWay: (() => Promise<unknown>)[] = [];
  const errors: unknown[] = [];
  let thinking = 0;
  let changed = Promise.withResolvers<void>();
  const change = (by: number) => {
    thinking += by;
    changed.resolve();
  };

  const bend: Bend = ({ isToStripe }, send) =>
    new Promise((answer, refuse) => {
      waiting.push(async () => {
        const fate = random();
        if (random() < 0.05) forget();
        if (fate < 0.05) return void underWay.push(send);
        if (fate < 0.1) return;
        const hangsUp = isToStripe && fate > 0.9;
        if (hangsUp && fate > 0.95) {
          change(1);
          return answer('hang up');
        }
        // A request that DynamoDB refuses took effect too: its condition was looked at.
        const sent = await send().then(
          (value) => () => answer(hangsUp ? 'hang up' : value),
          (error) => () => refuse(error),
        );
        if (fate < 0.15) return;
        change(1);
        sent();
      });
      change(-1);
    });

  return {
    start(call: (bend: Bend) => Promise<void>) {
      thinking++;
      call(bend)
        .catch((error: Error) => void errors.push(error))
        .finally(() => change(-1));
    },

    /** Until every call has ended or died. Calls may end with `GatewayUnavailable`, as they may of any gateway. */
    async play(): Promise<void> {
      for (;;) {
        while (thinking > 0) {
          changed = Promise.withResolvers();
          await changed.promise;
        }
        const turn = waiting.splice(Math.floor(random() * waiting.length), 1)[0];
        if (!turn) break;
        await turn();
        if (random() < 0.1)
          await underWay
            .shift()?.()
            .catch(() => {});
      }
      const unexpected = errors.find((error) => (error as Error).name !== 'GatewayUnavailable');
      if (unexpected) throw unexpected;
    },

    /** What was still on its way arrives. */
    async arrive(): Promise<void> {
      for (const send of underWay.splice(0)) await send().catch(() => {});
    },
  };
}
