import type { RunnerPorts } from './execution-runner.ts';
import type { ExecutionRow, ExecutionStore } from './execution-store.ts';
import type { Journal } from './journal.ts';
import { withToken } from './redrive.ts';

/**
 * How a runner writes down what happens to one execution: its row together with its first entries, its end together with its
 * last ones. `rows`: how many rows of entries there are already; undefined: the execution itself is not in the journal yet.
 * `clientToken`: what it is about to be redriven with.
 *
 * An Express execution leaves no entries. Its row alone is there while it runs, so that a crash runs it again (at least once).
 */
export function openExecutionLog(
  journal: Journal,
  store: ExecutionStore,
  row: ExecutionRow,
  rows: number | undefined,
  clientToken?: string,
): RunnerPorts['append'] {
  const standard = row.type === 'STANDARD';
  let isNew = rows === undefined;
  let written = rows ?? 0;
  return (entries, before, after, urgent) => {
    const insert = isNew;
    const ended = after.status !== 'RUNNING';
    const number = written++;
    isNew = false;
    if (!standard && !insert && !ended) return Promise.resolve();
    const text = standard ? JSON.stringify(entries) : '';
    const append = urgent ? journal.append : journal.appendLazily;
    return append(() => {
      if (insert) store.insert(row);
      if (standard) store.appendEntries(row.id, before.lastEventId, number, text);
      if (before.redriveCount !== after.redriveCount) {
        store.redriven(row.id, after, withToken(row, clientToken, after.redrivenAt ?? 0));
      }
      if (ended && standard) store.end(row.id, after);
      else if (ended) store.remove(row.id);
    });
  };
}
