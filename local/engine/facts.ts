import { randomBytes } from 'node:crypto';
import type { Journal } from './journal.ts';

/** Single values that belong to the state folder: the clock's offset, the key of the task tokens. */
export interface Facts {
  get(key: string): string | undefined;
  /** On the disk when it returns. */
  set(key: string, value: string): void;
}

export function openFacts(journal: Journal): Facts {
  const select = journal.database.prepare('SELECT value FROM facts WHERE key = ?');
  const upsert = journal.database.prepare('INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)');
  return {
    get: (key) => (select.get(key) as { value: string } | undefined)?.value,
    set(key, value) {
      journal.transact(() => upsert.run(key, value));
    },
  };
}

/** The clock's offset in the form that `createClock` takes. */
export function clockOffset(facts: Facts): { load(): number; save(offsetMs: number): void } {
  return {
    load: () => Number(facts.get('clockOffsetMs') ?? 0),
    save: (offsetMs) => facts.set('clockOffsetMs', String(offsetMs)),
  };
}

/** Made at the first start of a state folder; tokens in mails and queues stay valid over restarts. */
export function taskTokenKey(facts: Facts): Buffer {
  const known = facts.get('taskTokenKey');
  if (known) return Buffer.from(known, 'base64');
  const key = randomBytes(32);
  facts.set('taskTokenKey', key.toString('base64'));
  return key;
}
