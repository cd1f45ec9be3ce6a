import { createHash } from 'node:crypto';
import { readEnv } from '../env.ts';
import { keyBook } from './key-book.ts';

export type { Entry } from './key-book.ts';

const { SANDBOX_TABLE } = readEnv(['SANDBOX_TABLE']);

/**
 * What a sandbox remembers, one entry per key (`charge#<key>`, `label#<key>`, `mail#<key>`). Anyone may read the
 * books to add up what was charged, refunded, shipped and mailed, and compare it with our own tables.
 */
export const { read: readEntry, putOnce, replaceFrom } = keyBook(SANDBOX_TABLE);

/** An id such as a provider makes up, here the same for the same key: `ch_3f2a9c...` */
export const sandboxId = (prefix: string, key: string) =>
  `${prefix}${createHash('sha256').update(`${prefix}${key}`).digest('hex').slice(0, 20)}`;
