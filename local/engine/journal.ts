import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CannotStart } from '../cannot-start.ts';
import { createGroupCommit } from './group-commit.ts';
import { applicationId, schema, schemaVersion } from './schema.ts';

export interface Journal {
  readonly stateDir: string;
  /** For prepared statements. Write only inside `append` or `transact`. */
  readonly database: DatabaseSync;
  /** Runs `write` in the next group commit; resolves when it is on the disk. */
  append(write: () => void): Promise<void>;
  /** The same, but content to wait a little for a commit that happens anyway. For what a crash may lose without harm. */
  appendLazily(write: () => void): Promise<void>;
  /** Runs `write` at once in a commit of its own, after everything appended before it. */
  transact<T>(write: () => T): T;
  /** Brings everything that was appended to the disk now, so that a read sees it. */
  flush(): void;
  close(): void;
}

/**
 * Opens `<stateDir>/journal.sqlite`, creates it when missing, and holds it exclusively until `close` or the end of the process.
 * Throws `CannotStart` when another runtime holds it, when it is damaged or newer than this program.
 * WAL with `synchronous=FULL`: what was committed survives a killed process and a lost power supply.
 * (On macOS fsync does not flush the drive's own cache; `fullfsync` would, at several milliseconds per commit.)
 */
export function openJournal(stateDir: string): Journal {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, 'journal.sqlite');
  const database = openFile(path);
  const commits = createGroupCommit({
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
  });
  return {
    stateDir,
    database,
    append: commits.append,
    appendLazily: commits.appendLazily,
    transact: commits.transact,
    flush: commits.flush,
    close() {
      commits.close();
      database.close();
    },
  };
}

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The lock is the operating system's: it goes when the process goes, however it dies.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000');
    database.exec('BEGIN EXCLUSIVE');
    bringUpToDate(database, path);
    database.exec('COMMIT');
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
  const damage = database.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string } | undefined;
  if (damage?.quick_check !== 'ok') throw damaged(path, damage?.quick_check ?? 'no answer to quick_check');
}

function explain(error: unknown, path: string): Error {
  if (!(error instanceof Error) || error instanceof CannotStart) return error as Error;
  const { errcode } = error as { errcode?: number };
  const primary = (errcode ?? 0) & 0xff;
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
