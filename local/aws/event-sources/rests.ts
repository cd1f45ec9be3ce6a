import type { Clock } from '../../engine/ports.ts';

/** Batches that wait for the clock before their next attempt. */
export interface Rests {
  /** Resolves to true when `ms` of the clock are over, to false at `end`. */
  rest(ms: number, messages: number): Promise<boolean>;
  batches(): number;
  messages(): number;
  /** No more waiting for those who do. */
  end(): void;
}

export function createRests(clock: Clock): Rests {
  const resting = new Map<(rested: boolean) => void, number>();
  return {
    rest(ms, messages) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      // In the very moment that the timer fires: the clock asks right after it whether there is something to do now.
      const wake = (rested: boolean) => {
        resting.delete(wake);
        timer[Symbol.dispose]();
        resolve(rested);
      };
      const timer = clock.at(clock.now() + ms, () => wake(true));
      resting.set(wake, messages);
      return promise;
    },
    batches: () => resting.size,
    messages: () => [...resting.values()].reduce((sum, messages) => sum + messages, 0),
    end() {
      for (const wake of [...resting.keys()]) wake(false);
    },
  };
}
