import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CannotStart } from '../../../local/cannot-start.ts';
import { openCheckpoints } from '../../../local/engine/checkpoints.ts';
import { openExecutionStore } from '../../../local/engine/execution-store.ts';
import { openFacts } from '../../../local/engine/facts.ts';
import { type Journal, openJournal } from '../../../local/engine/journal.ts';
import { applicationId, schema, schemaVersion } from '../../../local/engine/schema.ts';

let stateDir: string;
let journal: Journal | undefined;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  journal?.close();
  journal = undefined;
  rmSync(stateDir, { recursive: true, force: true });
});

const path = () => join(stateDir, 'journal.sqlite');

test('a second runtime cannot open a state folder that is in use', () => {
  journal = openJournal(stateDir);
  expect(() => openJournal(stateDir)).toThrow(CannotStart);
  expect(() => openJournal(stateDir)).toThrow('is in use by another runtime');
});

test('the folder is free again once the journal is closed', () => {
  openJournal(stateDir).close();
  journal = openJournal(stateDir);
});

test('a file that is no database is called damaged, and left alone', () => {
  writeFileSync(path(), 'this is not a database, though it is long enough to look like one'.repeat(100));
  expect(() => openJournal(stateDir)).toThrow(/journal\.sqlite is damaged \(file is not a database\)/);
  expect(statSync(path()).size).toBeGreaterThan(6000);
});

test('a file that lost its end is called damaged', () => {
  journal = openJournal(stateDir);
  const facts = openFacts(journal);
  for (let n = 0; n < 50; n += 1) facts.set(`fact ${n}`, 'x'.repeat(4000));
  journal.close();
  journal = undefined;
  truncateSync(path(), statSync(path()).size - 100_000);
  expect(() => openJournal(stateDir)).toThrow(/is damaged \(.+\)\. Restore it from a copy/);
});

test('a journal of a newer version is refused with both versions', () => {
  openJournal(stateDir).close();
  const database = new DatabaseSync(path());
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => openJournal(stateDir)).toThrow(
    `written by a newer version of this runtime (format 99, this one reads up to ${schemaVersion})`,
  );
});

test('a database of another program is refused', () => {
  const database = new DatabaseSync(path());
  database.exec('CREATE TABLE something (x)');
  database.close();
  expect(() => openJournal(stateDir)).toThrow('is not a journal of this runtime');
});

test('what was committed is there after reopening', async () => {
  journal = openJournal(stateDir);
  openFacts(journal).set('key', 'value');
  const checkpoints = openCheckpoints(journal);
  await Promise.all([
    checkpoints.set('stream', 'b', '2'),
    checkpoints.set('stream', 'a', '1'),
    checkpoints.set('queue', 'a', '3'),
  ]);
  await checkpoints.delete('queue', 'a');
  journal.close();
  journal = openJournal(stateDir);
  expect(openFacts(journal).get('key')).toBe('value');
  expect(openCheckpoints(journal).list('stream')).toMatchObject([
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ]);
  expect(openCheckpoints(journal).get('queue', 'a')).toBeUndefined();
});

test('a journal that cannot be written says so once and for all, and has what it had on the disk', async () => {
  journal = openJournal(stateDir);
  const checkpoints = openCheckpoints(journal);
  await checkpoints.set('stream', 'a', '1');
  // As if the disk were full.
  journal.database.exec(`PRAGMA max_page_count = ${pageCount(journal)}`);
  await expect(checkpoints.set('stream', 'b', 'x'.repeat(100_000))).rejects.toThrow('full');
  await expect(journal.failed).rejects.toThrow(/journal\.sqlite cannot be written any more: .*full\. Nothing that was/);
  await expect(checkpoints.set('stream', 'c', '3')).rejects.toThrow('full');
  journal.close();
  journal = openJournal(stateDir);
  expect(openCheckpoints(journal).list('stream')).toMatchObject([{ key: 'a', value: '1' }]);
});

function pageCount({ database }: Journal): number {
  return (database.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;
}

test('at any moment a copy of the files has every write that was reported, over many resets of the log', async () => {
  journal = openJournal(stateDir);
  // Small, so that the log is reset all the time.
  journal.database.exec('PRAGMA wal_autocheckpoint = 8');
  const checkpoints = openCheckpoints(journal);
  const resets = new Set<string>();
  for (let n = 0; n < 60; n += 1) {
    const reported = Array.from({ length: 5 }, (_, k) => checkpoints.set('stream', `${n}-${k}`, 'x'.repeat(2000)));
    // The next round is already on its way when this one is reported.
    const onTheWay = checkpoints.set('next', String(n), 'y');
    await Promise.all(reported);
    const copy = join(stateDir, `copy-${n}`);
    mkdirSync(copy);
    for (const file of ['journal.sqlite', 'journal.sqlite-wal']) copyFileSync(join(stateDir, file), join(copy, file));
    resets.add(readFileSync(join(copy, 'journal.sqlite-wal')).subarray(16, 24).toString('hex'));
    const restored = openJournal(copy);
    expect(openCheckpoints(restored).list('stream')).toHaveLength((n + 1) * 5);
    expect(restored.database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    restored.close();
    await onTheWay;
  }
  expect(resets.size).toBeGreaterThan(20);
});

test('a journal of the first format is brought up to date, with what is in it', () => {
  const first = new DatabaseSync(path());
  const added = [
    ',\n  redrive_count INTEGER NOT NULL DEFAULT 0,\n  redriven_at INTEGER,\n  redrive_tokens TEXT',
    ',\n  deployment TEXT',
  ];
  expect(added.every((columns) => schema.includes(columns))).toBe(true);
  first.exec(added.reduce((text, columns) => text.replace(columns, ''), schema));
  first.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
  first.exec(`INSERT INTO executions (id, arn, name, type, state_machine_arn, role_arn, definition_id, input, started_at, status)
    VALUES (1, 'arn', 'name', 'STANDARD', 'machine', 'role', 1, '{}', 0, 'RUNNING')`);
  first.close();
  journal = openJournal(stateDir);
  expect(openExecutionStore(journal).find('arn')).toMatchObject({ input: '{}', redriveCount: 0, redrivenAt: null });
  const fresh = new DatabaseSync(':memory:');
  fresh.exec(schema);
  const columns = (database: DatabaseSync) =>
    ['executions', 'aliases'].map((table) => database.prepare(`PRAGMA table_info(${table})`).all());
  expect(columns(journal.database)).toEqual(columns(fresh));
  fresh.close();
  journal.close();
  // Only once.
  journal = openJournal(stateDir);
});
