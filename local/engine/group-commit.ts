/** How long a lazy write may wait for company before it gets a commit of its own. */
const lazyDelayMs = 20;

interface Waiting {
  write: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A database whose commits are not yet on the disk, and the way to bring them there. */
export interface CommitTarget {
  begin(): void;
  commit(): void;
  rollback(): void;
  /** Calls back when everything committed before the call is on the disk. */
  sync(done: (error: Error | null) => void): void;
  syncNow(): void;
}

export interface GroupCommit {
  append(write: () => void): Promise<void>;
  appendLazily(write: () => void): Promise<void>;
  transact<T>(write: () => T): T;
  /** Resolves when everything committed so far is on the disk. */
  synced(): Promise<void>;
  flush(): void;
  close(): void;
  /** Rejects with the first failure. */
  readonly failed: Promise<never>;
}

/**
 * One transaction for everything that was appended in the same turn of the event loop, and one fsync for all transactions
 * that were committed while the last fsync ran: the busier, the larger the groups, and the event loop never waits for the disk.
 *
 * A failure is final: memory may already be ahead of the disk, and only a restart, which reads the disk, can be right again.
 * Everything appended afterwards is refused with the same error.
 */
export function createGroupCommit(target: CommitTarget): GroupCommit {
  let waiting: Waiting[] = [];
  /** Committed, not yet on the disk. */
  let unsynced: Pick<Waiting, 'resolve' | 'reject'>[] = [];
  let syncing: Pick<Waiting, 'resolve' | 'reject'>[] | undefined;
  let soon: NodeJS.Immediate | undefined;
  let later: NodeJS.Timeout | undefined;
  let broken: Error | undefined;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});

  function inTransaction<T>(write: () => T): T {
    if (broken) throw broken;
    target.begin();
    try {
      const result = write();
      target.commit();
      return result;
    } catch (error) {
      try {
        target.rollback();
      } catch {
        // SQLite has rolled back by itself (full disk, I/O error): there is nothing left to undo.
      }
      throw error;
    }
  }

  function fail(group: Pick<Waiting, 'reject'>[], error: unknown): void {
    broken ??= error instanceof Error ? error : new Error(String(error));
    failure.reject(broken);
    for (const { reject } of group) reject(error);
  }

  function sync(): void {
    if (syncing || unsynced.length === 0) return;
    const group = unsynced;
    syncing = group;
    unsynced = [];
    target.sync((error) => {
      if (syncing !== group) return;
      syncing = undefined;
      if (error) fail([...group, ...unsynced.splice(0)], error);
      else for (const { resolve } of group) resolve();
      sync();
    });
  }

  function flush(): void {
    if (soon) clearImmediate(soon);
    if (later) clearTimeout(later);
    soon = undefined;
    later = undefined;
    if (waiting.length === 0) return;
    const group = waiting;
    waiting = [];
    try {
      inTransaction(() => {
        for (const { write } of group) write();
      });
      unsynced.push(...group);
    } catch (error) {
      fail(group, error);
    }
    sync();
  }

  function syncNow(): void {
    if (broken) throw broken;
    const group = [...(syncing ?? []), ...unsynced];
    // A running sync calls back later, for nobody.
    syncing = undefined;
    unsynced = [];
    try {
      target.syncNow();
    } catch (error) {
      fail(group, error);
      throw error;
    }
    for (const { resolve } of group) resolve();
  }

  function wait(write: () => void): Promise<void> {
    if (broken) return Promise.reject(broken);
    return new Promise((resolve, reject) => {
      waiting.push({ write, resolve, reject });
    });
  }

  return {
    failed: failure.promise,
    append(write) {
      soon ??= setImmediate(flush);
      return wait(write);
    },
    appendLazily(write) {
      if (!soon) later ??= setTimeout(flush, lazyDelayMs);
      return wait(write);
    },
    transact(write) {
      flush();
      const result = inTransaction(write);
      syncNow();
      return result;
    },
    synced() {
      if (broken) return Promise.reject(broken);
      if (!syncing && unsynced.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        unsynced.push({ resolve, reject });
      });
    },
    flush,
    close() {
      flush();
      if (!broken) syncNow();
      broken ??= new Error('The journal is closed.');
    },
  };
}
