import { expect, test, vi } from 'vitest';
import { createGroupCommit } from '../../../local/engine/group-commit.ts';

/** A database that takes down what is done to it. With `slow`, a sync ends only when the test says so. */
function fakeTarget({ slow = false } = {}) {
  const log: string[] = [];
  const syncs: ((error: Error | null) => void)[] = [];
  return {
    log,
    endSync: (error: Error | null = null) => syncs.shift()?.(error),
    begin: () => void log.push('begin'),
    commit: () => void log.push('commit'),
    rollback: () => void log.push('rollback'),
    sync(done: (error: Error | null) => void) {
      log.push('sync');
      if (slow) syncs.push(done);
      else setImmediate(done, null);
    },
    syncNow: () => void log.push('sync now'),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('everything that is appended in one turn shares one commit, and is told after it', async () => {
  const target = fakeTarget();
  const { append } = createGroupCommit(target);
  const writes = ['a', 'b', 'c'].map((name) =>
    append(() => target.log.push(name)).then(() => target.log.push(`${name} told`)),
  );
  expect(target.log).toEqual([]);
  await Promise.all(writes);
  expect(target.log).toEqual(['begin', 'a', 'b', 'c', 'commit', 'sync', 'a told', 'b told', 'c told']);
});

test('a lazy write goes along with the next commit', async () => {
  const target = fakeTarget();
  const { append, appendLazily } = createGroupCommit(target);
  await Promise.all([appendLazily(() => target.log.push('lazy')), append(() => target.log.push('urgent'))]);
  expect(target.log).toEqual(['begin', 'lazy', 'urgent', 'commit', 'sync']);
});

test('a lazy write without company is committed a little later', async () => {
  vi.useFakeTimers();
  try {
    const target = fakeTarget();
    const written = createGroupCommit(target).appendLazily(() => target.log.push('lazy'));
    await vi.advanceTimersByTimeAsync(21);
    await written;
    expect(target.log).toEqual(['begin', 'lazy', 'commit', 'sync']);
  } finally {
    vi.useRealTimers();
  }
});

test('a write that must be on the disk at once comes after what was appended before it', () => {
  const target = fakeTarget();
  const { append, transact } = createGroupCommit(target);
  void append(() => target.log.push('first'));
  transact(() => target.log.push('second'));
  expect(target.log).toEqual(['begin', 'first', 'commit', 'sync', 'begin', 'second', 'commit', 'sync now']);
});

test('after a failed commit nothing more is accepted, because memory may be ahead of the disk', async () => {
  const target = fakeTarget();
  target.commit = () => {
    throw new Error('disk full');
  };
  const { append } = createGroupCommit(target);
  await expect(append(() => {})).rejects.toThrow('disk full');
  expect(target.log.at(-1)).toBe('rollback');
  await expect(append(() => {})).rejects.toThrow('disk full');
});

test('what is committed while the disk is busy shares the next sync, and nobody is told before it', async () => {
  const target = fakeTarget({ slow: true });
  const { append, synced } = createGroupCommit(target);
  const told: string[] = [];
  void append(() => {}).then(() => told.push('a'));
  await turn();
  void append(() => {}).then(() => told.push('b'));
  await turn();
  void append(() => {}).then(() => told.push('c'));
  await turn();
  void synced().then(() => told.push('reader'));
  expect(target.log.filter((step) => step === 'sync')).toHaveLength(1);
  target.endSync();
  await turn();
  expect(told).toEqual(['a']);
  target.endSync();
  await turn();
  expect(told).toEqual(['a', 'b', 'c', 'reader']);
  expect(target.log.filter((step) => step === 'sync')).toHaveLength(2);
  await synced();
});

test('a sync that fails fails everyone who waits for the disk', async () => {
  const target = fakeTarget({ slow: true });
  const { append } = createGroupCommit(target);
  const first = append(() => {});
  await turn();
  const second = append(() => {});
  await turn();
  target.endSync(new Error('I/O error'));
  await expect(first).rejects.toThrow('I/O error');
  await expect(second).rejects.toThrow('I/O error');
  await expect(append(() => {})).rejects.toThrow('I/O error');
});
