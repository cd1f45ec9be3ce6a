/** Counts what is going on, so that one can wait until nothing is. */
export interface Activity {
  begin(): void;
  end(): void;
  readonly count: number;
  /** Resolves at once when nothing is going on, else when the count reaches 0. */
  idle(): Promise<void>;
}

export function createActivity(): Activity {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    begin() {
      count += 1;
    },
    end() {
      count -= 1;
      if (count > 0 || waiting.length === 0) return;
      const resolves = waiting;
      waiting = [];
      for (const resolve of resolves) resolve();
    },
    get count() {
      return count;
    },
    idle() {
      return count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
