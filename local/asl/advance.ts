import type { Execution } from './execution.ts';
import type { JournalEntry } from './history.ts';
import type { Machine } from './machine.ts';
import type { Signal, Surroundings } from './signal.ts';

/**
 * The only place that decides: what this signal makes happen, up to the next point where something must be waited for.
 * Changes nothing; fold the entries with `evolve`. A signal that no longer concerns anyone gives no entries.
 */
export async function advance(
  machine: Machine,
  execution: Execution,
  signal: Signal,
  surroundings: Surroundings,
): Promise<JournalEntry[]> {
  throw new Error(`not yet: ${machine.startAt} ${execution.executionArn} ${signal.type} ${surroundings.at}`);
}
