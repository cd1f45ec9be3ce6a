import type { Journal } from './journal.ts';

/** Where an event source goes on after a restart, and whatever else it must not forget. */
export interface Checkpoints {
  get(source: string, key: string): string | undefined;
  list(source: string): { key: string; value: string }[];
  /** Durable when the promise resolves; shares a commit with whatever else is written now. */
  set(source: string, key: string, value: string): Promise<void>;
  delete(source: string, key: string): Promise<void>;
}

export function openCheckpoints(journal: Journal): Checkpoints {
  const select = journal.database.prepare('SELECT value FROM checkpoints WHERE source = ? AND key = ?');
  const selectAll = journal.database.prepare('SELECT key, value FROM checkpoints WHERE source = ? ORDER BY key');
  const upsert = journal.database.prepare('INSERT OR REPLACE INTO checkpoints (source, key, value) VALUES (?, ?, ?)');
  const remove = journal.database.prepare('DELETE FROM checkpoints WHERE source = ? AND key = ?');
  return {
    get(source, key) {
      journal.flush();
      return (select.get(source, key) as { value: string } | undefined)?.value;
    },
    list(source) {
      journal.flush();
      return selectAll.all(source) as { key: string; value: string }[];
    },
    set: (source, key, value) => journal.append(() => upsert.run(source, key, value)),
    delete: (source, key) => journal.append(() => remove.run(source, key)),
  };
}
