import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openLogFiles } from '../../../../local/aws/lambda/log-files.ts';
import type { LogEntry } from '../../../../local/aws/lambda/log-lines.ts';

const entry = (line: string, requestId = '11111111-2222'): LogEntry => ({
  at: '2026-01-02T03:04:05.006Z',
  functionName: 'charge',
  version: '$LATEST',
  requestId,
  line,
});

test('one file per function: JSON as it is, text with time and request id, grown over restarts, rotated when large', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'logs-'));
  for (const line of ['{"a":1}', 'plain', '2026-01-02T03:04:05.006Z\tid\tINFO\tfrom console']) {
    using files = openLogFiles(folder, expect.unreachable);
    files.log(entry(line));
  }
  expect(await readFile(path.join(folder, 'charge.log'), 'utf8')).toBe(
    '{"a":1}\n2026-01-02T03:04:05.006Z\t11111111-2222\tplain\n2026-01-02T03:04:05.006Z\tid\tINFO\tfrom console\n',
  );
  using small = openLogFiles(folder, expect.unreachable, 50);
  small.log(entry('after'));
  expect(await readdir(folder)).toEqual(['charge.1.log', 'charge.log']);
  await rm(folder, { recursive: true });
});

test('lines that cannot be written are lost with one warning, and the next that can be is written again', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'logs-'));
  const warned: string[] = [];
  using files = openLogFiles(folder, (message) => warned.push(message));
  await rm(folder, { recursive: true });
  await writeFile(folder, 'in the way');
  files.log(entry('lost'));
  files.log(entry('lost too'));
  expect(warned).toEqual([expect.stringMatching(/^What functions log is not kept: /)]);
  await rm(folder);
  files.log(entry('kept'));
  expect(await readFile(path.join(folder, 'charge.log'), 'utf8')).toMatch(/kept\n$/);
  await rm(folder, { recursive: true });
});
