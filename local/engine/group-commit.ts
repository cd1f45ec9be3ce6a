/** How long a lazy write may wait for company before it gets a commit of its own. */
const lazyDelayMs = 20;

interface Waiting {
  write: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The transaction statements of a database, prepared. */
export interface TransactionStatements {
  begin: { run(): unknown };
  commit: { run(): unknown };
  rollback: { run(): unknown };
}

export interface GroupCommit {
  append(write: () => void): Promise<void>;
  appendLazily(write: () => void): Promise<void>;
  transact<T>(write: () => T): T;
  flush(): void;
  close(): void;
}

/**
 * One commit, hence one fsync, for everything that was appended in the same turn of the event loop.
 *
 * A failed commit is final: memory may already be ahead of the disk, and only a restart, which reads the disk, can be right
 * again. Everything appended afterwards is refused with the same error.
 */
export function createGroupCommit(statements: TransactionStatements): GroupCommit {
  let waiting: Waiting[] = [];
  let soon: NodeJS.Immediate | undefined;
  let later: NodeJS.Timeout | undefined;
  let broken: Error | undefined;

  function inTransaction<T>(write: () => T): T {
    if (broken) throw broken;
    statements.begin.run();
    try {
      const result = write();
      statements.commit.run();
      return result;
    } catch (error) {
      try {
        statements.rollback.run();
      } catch {
        // SQLite has rolled back by itself (full disk, I/O error): there is nothing left to undo.
      }
      throw error;
    }
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
    } catch (error) {
      broken ??= error instanceof Error ? error : new Error(String(error));
      for (const { reject } of group) reject(error);
      return;
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
      return inTransaction(write);
    },
    flush,
    close() {
      flush();
      broken ??= new Error('The journal is closed.');
    },
  };
}
