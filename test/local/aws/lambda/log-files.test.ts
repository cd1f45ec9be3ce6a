import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
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
    using files = openLogFiles(folder);
    files.log(entry(line));
  }
  expect(await readFile(path.join(folder, 'charge.log'), 'utf8')).toBe(
    '{"a":1}\n2026-01-02T03:04:05.006Z\t11111111-2222\tplain\n2026-01-02T03:04:05.006Z\tid\tINFO\tfrom console\n',
  );
  using small = openLogFiles(folder, 50);
  small.log(entry('after'));
  expect(await readdir(folder)).toEqual(['charge.1.log', 'charge.log']);
  await rm(folder, { recursive: true });
});
