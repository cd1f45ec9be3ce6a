/**
 * An attacker at the public routes. `GUESSES=100000` guesses that often at links instead of ten thousand times.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { placed } from '../support/story.ts';

const guesses = Number(process.env.GUESSES ?? 10_000);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

let runtime: LocalRuntime;
let door: FrontDoor;
let orderId: string;
let link: URL;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, { 'TEA-ASSAM': 10 });
  door = await openLocalFrontDoor(runtime);
  orderId = await placed(door);
  link = new URL(await door.callbackLink(orderId, 'AwaitPicking'));
});
afterAll(async () => {
  agent.destroy();
  // The proof that nothing of all this was in anybody's way.
  try {
    expect((await door.answerByLink(link.href, 'picked')).status).toBe(200);
    await door.orderIn(orderId, 'confirmed');
  } finally {
    await runtime[Symbol.asyncDispose]();
  }
});

/** Sends the path as it is, which `fetch` does not. */
function send(
  path: string,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, host: link.hostname, port: link.port, path, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Bytes as they are; the status line that came back. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(link.port), link.hostname, () => socket.write(text));
    socket.setEncoding('utf8').once('data', (answer: string) => {
      socket.destroy();
      resolve(answer.slice(0, answer.indexOf('\r\n')));
    });
    socket.on('error', reject);
  });
}

const withChanged = (change: (url: URL) => void): string => {
  const url = new URL(link);
  change(url);
  return url.pathname + url.search;
};
const isRefusal = (status: number) => status >= 400 && status < 500;

test(`${guesses} guesses at wait ids and signatures are refused, and the memory stays flat`, async () => {
  const guess = (n: number) =>
    n % 2
      ? withChanged((url) => url.searchParams.set('sig', randomBytes(32).toString('base64url')))
      : withChanged((url) => {
          url.pathname = `/waits/${encodeURIComponent(`ord_${randomBytes(13).toString('hex')}#AwaitPicking`)}`;
        });
  const run = async (count: number) => {
    let next = 0;
    const refusals = new Set<string>();
    const one = async () => {
      for (let n = next++; n < count; n = next++) {
        const { status, text } = await send(guess(n), {
          method: n % 3 ? 'GET' : 'POST',
          headers: { accept: 'text/html' },
        });
        refusals.add(`${status} ${text}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
    return refusals;
  };
  // Warm, so that what Node keeps for itself is there.
  await run(guesses / 4);
  const before = await runtime.memoryMb();
  const refusals = await run(guesses);
  const grownMb = (await runtime.memoryMb()) - before;
  // One and the same answer, whatever was guessed.
  expect([...refusals].map((refusal) => refusal.slice(0, 3))).toEqual(['403']);
  expect([...refusals][0]).not.toContain(orderId);
  expect(grownMb).toBeLessThan(150);
}, 300_000);

describe('a path that is none of ours', () => {
  test.each([
    '/waits/..%2f..%2forders',
    '/waits/../orders',
    '/waits/%2e%2e/orders',
    '//waits//x',
    '/waits/%00',
    '/waits/%',
    '/waits/%E0%A4%A',
    `/waits/${'a'.repeat(4_000)}`,
    '/waits/x%23AwaitPicking?sig=%',
    `/waits/x?${'exp=1&'.repeat(1_000)}`,
    '/orders/..%2fwaits',
    '/orders/ord_x%00/events',
    '/_local/clock',
    '/carrier-events/..',
  ])('%s is refused and shows nothing', async (path) => {
    const { status, text } = await send(path, { headers: { accept: 'text/html' } });
    expect(isRefusal(status), `${status} ${text}`).toBe(true);
    expect(text).not.toContain(orderId);
  });
});

test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
  '%s on a rightful link does nothing',
  async (method) => {
    expect(isRefusal((await send(link.pathname + link.search, { method })).status)).toBe(true);
  },
);

describe('a body that is none', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    send(link.pathname + link.search, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body,
    });

  test.each<[string, () => ReturnType<typeof post>]>([
    ['of 1 MB', () => post(JSON.stringify({ action: 'picked', by: 'x'.repeat(1024 * 1024) }))],
    ['nested ten thousand deep', () => post(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
    ['with a member twice', () => post('{"action":"picked","action":"destroy"}')],
    ['with a prototype in it', () => post('{"action":"picked","__proto__":{"admin":true}}')],
    [
      'of a hundred thousand form fields',
      () => post('a=1&'.repeat(15_000), { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    ['that is no UTF-8', () => post('\xff\xfe{"action":"picked"}')],
    [
      'that claims to be gzip',
      () => post('{"action":"picked"}', { 'content-encoding': 'gzip', 'content-type': 'application/gzip' }),
    ],
  ])('%s is refused', async (_, act) => {
    const { status, text } = await act();
    expect(isRefusal(status), `${status} ${text}`).toBe(true);
  });
});

describe('a request that never ends', () => {
  const head = (line: string) => `${line} HTTP/1.1\r\nHost: ${link.host}\r\n`;

  test('because its body is said to be of 11 MB is refused before it is there', async () => {
    const answer = await sendRaw(`${head(`POST ${link.pathname}${link.search}`)}Content-Length: 11534336\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('because its headers are a bomb is refused', async () => {
    const bomb = Array.from({ length: 2_000 }, (_, n) => `x-bomb-${n}: ${'b'.repeat(100)}`).join('\r\n');
    expect(await sendRaw(`${head('GET /waits/x')}${bomb}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4(31|00) /);
  });

  test('because its bodies drip does not keep others waiting', async () => {
    const drips = Array.from({ length: 200 }, () => connect(Number(link.port), link.hostname));
    for (const socket of drips) {
      socket.on('error', () => {});
      socket.write(
        `${head(`POST ${link.pathname}${link.search}`)}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
      );
    }
    const pages = await Promise.all(Array.from({ length: 20 }, () => send(link.pathname + link.search)));
    expect(pages.map(({ status }) => status)).toEqual(Array(20).fill(200));
    for (const socket of drips) socket.destroy();
  });

  test('because two requests hide in one is answered as one, or not at all', async () => {
    const smuggled = `${head('POST /carrier-events')}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /orders HTTP/1.1\r\n\r\n`;
    expect(await sendRaw(smuggled)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test('an idempotency key, an event id and a wait id of an attacker are data and nothing else', async () => {
  const path = `/waits/${encodeURIComponent(`x' OR '1'='1#${randomUUID()}`)}?exp=1&kid=k1&actions=picked&sig=x`;
  expect((await send(path)).status).toBe(403);
});
