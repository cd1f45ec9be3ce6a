import type { ExecutionStore } from './execution-store.ts';
import type { Journal } from './journal.ts';
import type { Clock } from './ports.ts';

/** Forgets executions that ended longer ago than they are kept. */
export interface Pruning {
  /** All of them, at once; answers how many. */
  now(): number;
  /** With the end of another execution, as nothing grows without that, and in the commits of others. */
  nowAndThen(): void;
}

export interface PruningPorts {
  journal: Journal;
  store: ExecutionStore;
  clock: Clock;
  keepEndedMs: number;
}

/** A look for what is kept no longer costs microseconds, and still need not come with every end. */
const everyMs = 3_600_000;
/** In one commit while others go on: a few milliseconds of the event loop. */
const atOnce = 50;

export function createPruning({ journal, store, clock, keepEndedMs }: PruningPorts): Pruning {
  let doneAt = clock.now();

  const some = (limit: number) => store.prune(clock.now() - keepEndedMs, limit);

  function inTheBackground(): void {
    let pruned = 0;
    const written = journal.appendLazily(() => {
      pruned = some(atOnce);
    });
    written.then(
      () => pruned === atOnce && inTheBackground(),
      // The journal is closed or broken; whoever needs it is told.
      () => {},
    );
  }

  return {
    now() {
      let pruned = 0;
      for (let batch = -1; batch !== 0; pruned += batch) batch = journal.transact(() => some(500));
      return pruned;
    },
    nowAndThen() {
      if (clock.now() < doneAt + everyMs) return;
      doneAt = clock.now();
      inTheBackground();
    },
  };
}
