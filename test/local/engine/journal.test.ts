import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CannotStart } from '../../../local/cannot-start.ts';
import { openCheckpoints } from '../../../local/engine/checkpoints.ts';
import { openFacts } from '../../../local/engine/facts.ts';
import { type Journal, openJournal } from '../../../local/engine/journal.ts';

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
    'written by a newer version of this runtime (format 99, this one reads up to 1)',
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
