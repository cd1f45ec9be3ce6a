import { expect, test } from 'vitest';
import { whyForeign, whyForeignToBuckets } from '../../local/foreign-request.ts';

test.each([
  '127.0.0.1:8377',
  '127.0.0.1',
  'localhost:1',
  '[::1]:1',
  '[::1]',
  'bucket.localhost:1',
  'my.bucket.localhost',
])('a program may ask %s', (host) => {
  expect(whyForeign({ host })).toBeUndefined();
  expect(whyForeign({ host, 'sec-fetch-site': 'none' })).toBeUndefined();
});

test.each([
  ...['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil-localhost', '127.0.0.1:1.evil.example'],
  ...['0.0.0.0:1', '192.168.1.2', '[::1].evil.example', 'localhost@evil.example', '', undefined],
])('a name that leads here is refused, by itself and with every header that a page may have: %s', (host) => {
  const message = `Only programs on this machine may ask, under the name 127.0.0.1, localhost or [::1]; this request is for ${host || 'no host'}.`;
  const headers = host === undefined ? {} : { host };
  expect(whyForeign(headers)).toBe(message);
  expect(whyForeignToBuckets('GET', headers)).toBe(message);
  expect(whyForeignToBuckets('POST', { ...headers, origin: 'http://localhost:1' })).toBe(message);
});

test.each([
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://localhost:3000' },
  { 'sec-fetch-site': 'cross-site' as const },
  { 'sec-fetch-site': 'same-site' as const },
  { 'sec-fetch-site': 'same-origin' as const },
])('a page in a browser is refused, whose ever it is: %o', (headers) => {
  expect(whyForeign({ host: '127.0.0.1:1', ...headers })).toBe(
    `Only programs on this machine may ask; this request comes from a page in a browser${headers.origin ? ` (${headers.origin})` : ''}.`,
  );
});

test.each([
  ['GET', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, true],
  ['HEAD', { 'sec-fetch-site': 'cross-site' }, true],
  ['POST', {}, true],
  ['POST', { origin: 'http://127.0.0.1:8377', 'sec-fetch-site': 'same-site' }, true],
  ['POST', { origin: 'http://localhost:8377', 'sec-fetch-site': 'cross-site' }, true],
  ['POST', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
  ['POST', { origin: 'http://localhost.evil.example' }, false],
  ['POST', { origin: 'null' }, false],
  ['DELETE', { 'sec-fetch-site': 'cross-site' }, false],
] as const)('%s on a bucket with %o: answered %s', (method, headers, answered) => {
  expect(whyForeignToBuckets(method, { host: '127.0.0.1:1', ...headers }) === undefined).toBe(answered);
});
