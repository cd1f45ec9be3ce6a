import { expect, test } from 'vitest';
import { createLog } from '../../local/log.ts';

const entry = {
  at: '2026-01-01T00:00:00.000Z',
  functionName: 'shop-prod-ApiPlaceOrder74C27CB6',
  version: '1',
  requestId: '1f2e3d4c-aaaa',
};

function lines(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const written: string[] = [];
  write(createLog((line) => written.push(line.replace(/^\d\d:\d\d:\d\d {2}/, '').trimEnd())));
  return written;
}

test('a line says who, the level if it is worth a look, the message, and what else there is', () => {
  const json = {
    level: 'WARN',
    message: 'stock is low',
    service: 'x',
    function_request_id: 'y',
    sku: 'tea',
    left: 2,
    timestamp: 't',
  };
  expect(
    lines((log) => {
      log.function({ ...entry, line: JSON.stringify(json) }, 'shop-prod');
      log.function({ ...entry, line: 'plain text' }, 'shop-prod');
      log.info('hello');
      log.warn('careful');
    }),
  ).toEqual([
    'ApiPlaceOrder 1f2e3d4c  WARN  stock is low  sku=tea  left=2',
    'ApiPlaceOrder 1f2e3d4c  plain text',
    'runtime  hello',
    'runtime  WARN  careful',
  ]);
});

test('metrics and what the platform says of itself are not for people', () => {
  expect(
    lines((log) => {
      log.function({ ...entry, line: '{"_aws":{"Timestamp":1},"Orders":1}' }, '');
      log.function({ ...entry, line: '{"type":"platform.report","record":{}}' }, '');
    }),
  ).toEqual([]);
});
