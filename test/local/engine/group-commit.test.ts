import { expect, test, vi } from 'vitest';
import { createGroupCommit } from '../../../local/engine/group-commit.ts';

function fakeTransaction() {
  const log: string[] = [];
  const statement = (name: string) => ({ run: () => log.push(name) });
  return { log, begin: statement('begin'), commit: statement('commit'), rollback: statement('rollback') };
}

test('everything that is appended in one turn shares one commit, and is told after it', async () => {
  const transaction = fakeTransaction();
  const { append } = createGroupCommit(transaction);
  const writes = ['a', 'b', 'c'].map((name) =>
    append(() => transaction.log.push(name)).then(() => transaction.log.push(`${name} told`)),
  );
  expect(transaction.log).toEqual([]);
  await Promise.all(writes);
  expect(transaction.log).toEqual(['begin', 'a', 'b', 'c', 'commit', 'a told', 'b told', 'c told']);
});

test('a lazy write goes along with the next commit', async () => {
  const transaction = fakeTransaction();
  const { append, appendLazily } = createGroupCommit(transaction);
  await Promise.all([appendLazily(() => transaction.log.push('lazy')), append(() => transaction.log.push('urgent'))]);
  expect(transaction.log).toEqual(['begin', 'lazy', 'urgent', 'commit']);
});

test('a lazy write without company is committed a little later', async () => {
  vi.useFakeTimers();
  try {
    const transaction = fakeTransaction();
    const written = createGroupCommit(transaction).appendLazily(() => transaction.log.push('lazy'));
    await vi.advanceTimersByTimeAsync(20);
    await written;
    expect(transaction.log).toEqual(['begin', 'lazy', 'commit']);
  } finally {
    vi.useRealTimers();
  }
});

test('a write that must be on the disk at once comes after what was appended before it', () => {
  const transaction = fakeTransaction();
  const { append, transact } = createGroupCommit(transaction);
  void append(() => transaction.log.push('first'));
  expect(transact(() => transaction.log.push('second'))).toBe(4 + 1);
  expect(transaction.log).toEqual(['begin', 'first', 'commit', 'begin', 'second', 'commit']);
});

test('after a failed commit nothing more is accepted, because memory may be ahead of the disk', async () => {
  const transaction = fakeTransaction();
  transaction.commit.run = () => {
    throw new Error('disk full');
  };
  const { append } = createGroupCommit(transaction);
  await expect(append(() => {})).rejects.toThrow('disk full');
  expect(transaction.log.at(-1)).toBe('rollback');
  await expect(append(() => {})).rejects.toThrow('disk full');
});
