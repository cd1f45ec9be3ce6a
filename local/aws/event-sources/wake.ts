/** Sleep that can be ended early. */
export interface Wake {
  /** Resolves after `ms` of wall-clock time, or at `wake`; at once if `wake` was called since the last sleep began. */
  sleep(ms: number): Promise<void>;
  wake(): void;
}

export function createWake(): Wake {
  let awake = false;
  let end: (() => void) | undefined;
  return {
    async sleep(ms) {
      if (!awake) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        end = resolve;
        await promise;
        clearTimeout(timer);
        end = undefined;
      }
      awake = false;
    },
    wake() {
      awake = true;
      end?.();
    },
  };
}
