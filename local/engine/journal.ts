import { closeSync, fdatasync, fdatasyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CannotStart } from '../cannot-start.ts';
import { createGroupCommit } from './group-commit.ts';
import { applicationId, migrations, schema, schemaVersion } from './schema.ts';

export interface Journal {
  readonly path: string;
  /** For prepared statements. Write only inside `append` or `transact`. */
  readonly database: DatabaseSync;
  /** Runs `write` in the next group commit; resolves when it is on the disk. */
  append(write: () => void): Promise<void>;
  /** The same, but content to wait a little for a commit that happens anyway. For what a crash may lose without harm. */
  appendLazily(write: () => void): Promise<void>;
  /** Runs `write` at once in a commit of its own, after everything appended before it. */
  transact<T>(write: () => T): T;
  /** Begins the next group commit now. */
  flush(): void;
  /** Resolves when everything that reads see is on the disk. */
  synced(): Promise<void>;
  /** Rejects when the journal could not be written. Nothing is accepted any more then; the next start goes on with what is on the disk. */
  readonly failed: Promise<never>;
  close(): void;
}

/**
 * Opens `<stateDir>/journal.sqlite`, creates it when missing, and holds it exclusively until `close` or the end of the process.
 * Throws `CannotStart` when another runtime holds it, when it is damaged or newer than this program.
 *
 * WAL, and nobody hears of a commit before its frames are on the disk: what `synchronous=FULL` promises. But FULL would make
 * the event loop wait for the disk at every commit (0.2 ms here, 5 ms on many laptops), so SQLite itself runs with NORMAL and
 * the log file is synced in the background, once for all commits that came together meanwhile.
 * (On macOS libuv's sync also empties the cache of the drive, which SQLite's would not.)
 */
export function openJournal(stateDir: string): Journal {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, 'journal.sqlite');
  const database = openFile(path);
  // The log lives as long as the connection; checkpoints start it anew in place.
  const log = openSync(`${path}-wal`, 'r+');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const commits = createGroupCommit({
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback: () => void rollback.run(),
    sync: (done) => fdatasync(log, done),
    syncNow: () => fdatasyncSync(log),
  });
  const failed = commits.failed.catch((error: Error) => {
    throw new CannotStart(
      `${path} cannot be written any more: ${error.message}. Nothing that was answered is lost; start again when that is mended.`,
    );
  });
  failed.catch(() => {});
  return {
    path,
    database,
    failed,
    append: commits.append,
    appendLazily: commits.appendLazily,
    transact: commits.transact,
    flush: commits.flush,
    synced: commits.synced,
    close() {
      commits.close();
      database.close();
      closeSync(log);
    },
  };
}

/** For a state folder that was in use: if its journal is gone or empty, a new one would forget every open execution without a word. */
export function requireJournal(stateDir: string): void {
  const path = join(stateDir, 'journal.sqlite');
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) throw damaged(path, 'it is missing or empty');
}

/** Checking takes 10 ms per megabyte. What is damaged in a larger file shows when it is read. */
const largestCheckedBytes = 16 * 1024 * 1024;

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The lock is the operating system's: it goes when the process goes, however it dies.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000');
    // macOS only: a checkpoint must be as durable as the commits that it moves.
    database.exec('PRAGMA checkpoint_fullfsync = ON');
    database.exec('BEGIN EXCLUSIVE');
    bringUpToDate(database, path);
    // The first commit in FULL also brings the log's directory entry to the disk.
    database.exec("INSERT OR REPLACE INTO facts (key, value) VALUES ('opened', unixepoch()); COMMIT");
    database.exec('PRAGMA synchronous = NORMAL');
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    throw explain(error, path);
  }
}

function bringUpToDate(database: DatabaseSync, path: string): void {
  const version = pragma(database, 'user_version');
  if (version === 0 && tableCount(database) === 0) {
    database.exec(schema);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    return;
  }
  if (pragma(database, 'application_id') !== applicationId) {
    throw new CannotStart(`${path} is not a journal of this runtime. Choose another state folder.`);
  }
  if (version > schemaVersion) {
    throw new CannotStart(
      `${path} was written by a newer version of this runtime (format ${version}, this one reads up to ${schemaVersion}). Use that version or another state folder.`,
    );
  }
  if (statSync(path).size <= largestCheckedBytes) check(database, path);
  for (let next = version + 1; next <= schemaVersion; next++) database.exec(migrations[next]!);
  if (version < schemaVersion) database.exec(`PRAGMA user_version = ${schemaVersion}`);
}

function check(database: DatabaseSync, path: string): void {
  const damage = database.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string } | undefined;
  if (damage?.quick_check !== 'ok') throw damaged(path, damage?.quick_check ?? 'no answer to quick_check');
}

/** What an error of SQLite means to the person who started the runtime; any other error as it is. */
export function explain(error: unknown, path: string): Error {
  const { errcode } = error as { errcode?: number };
  if (!(error instanceof Error) || errcode === undefined) return error as Error;
  const primary = errcode & 0xff;
  if (primary === 5 || primary === 6) {
    return new CannotStart(`${path} is in use by another runtime. Stop that one, or choose another state folder.`);
  }
  if (primary === 11 || primary === 26) return damaged(path, error.message);
  return new CannotStart(`${path} cannot be opened: ${error.message}.`);
}

function damaged(path: string, detail: string): CannotStart {
  return new CannotStart(
    `${path} is damaged (${detail}). Restore it from a copy, or delete the state folder to start empty.`,
  );
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? { value: 0 })[0]);
}

function tableCount(database: DatabaseSync): number {
  return Number(Object.values(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() ?? { n: 0 })[0]);
}
