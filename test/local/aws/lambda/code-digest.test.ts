import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeDigest } from '../../../../local/aws/lambda/code-digest.ts';

function folder(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'code-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

test('the digest of code is that of the names and contents of its files, wherever they are', () => {
  const one = folder({ 'index.mjs': 'a', 'lib/b.mjs': 'bc' });
  const digest = codeDigest(one);
  expect(digest).toEqual({ sha256: expect.stringMatching(/^[\w+/]{43}=$/), bytes: 3 });
  const copy = mkdtempSync(join(tmpdir(), 'code-'));
  cpSync(one, copy, { recursive: true });
  expect(codeDigest(copy)).toEqual(digest);
  for (const other of [
    { 'index.mjs': 'a', 'lib/b.mjs': 'bd' },
    { 'index.mjs': 'a', 'lib/c.mjs': 'bc' },
    { 'index.mjs': 'abc' },
  ]) {
    expect(codeDigest(folder(other as unknown as Record<string, string>)).sha256).not.toBe(digest.sha256);
  }
});
