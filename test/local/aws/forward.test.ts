import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { forwardTo } from '../../../local/aws/forward.ts';
import { createWire } from '../../../local/aws/wire.ts';
import { openHttpServer, type RequestHandler } from '../../../local/http-server.ts';

async function serve(handler: RequestHandler): Promise<number> {
  const server = await openHttpServer('the test', 0);
  server.serve(handler);
  onTestFinished(() => server.stop());
  return server.port;
}

/** The wire in front of an emulator. */
async function wireTo(port: number): Promise<URL> {
  const wire = createWire();
  const forward = forwardTo(`http://127.0.0.1:${port}`);
  wire.route(forward.handler);
  const url = await wire.listen(0);
  onTestFinished(async () => {
    forward[Symbol.dispose]();
    await wire.stop();
  });
  return new URL(url);
}

test('requests and answers pass as they are', async () => {
  const port = await serve(async (request, response) => {
    response.writeHead(207, { 'x-path': request.url, 'x-name': request.headers['x-name'] });
    response.end(`${request.method} ${await text(request)}`);
  });
  const url = await wireTo(port);
  const response = await fetch(`${url}bucket/a%20b?x=1`, { method: 'PUT', body: 'abc', headers: { 'x-name': 'n' } });
  expect([response.status, response.headers.get('x-path'), response.headers.get('x-name')]).toEqual([
    207,
    '/bucket/a%20b?x=1',
    'n',
  ]);
  expect(await response.text()).toBe('PUT abc');
});

test.each(['//127.0.0.1:PORT/x', 'http://127.0.0.1:PORT/x'])('%s leads nowhere but to the emulator', async (path) => {
  let reached = false;
  const elsewhere = createServer((_request, response) => {
    reached = true;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  onTestFinished(() => void elsewhere.close());
  const url = await wireTo(await serve(async (_request, response) => void response.end('emulator')));
  const socket = connect(Number(url.port), url.hostname);
  const target = path.replace('PORT', String((elsewhere.address() as AddressInfo).port));
  socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  expect(await text(socket)).toContain('emulator');
  expect(reached).toBe(false);
});

test('a client that goes away while it waits takes its request with it', async () => {
  const waiting = Promise.withResolvers<void>();
  const cutOff = Promise.withResolvers<void>();
  const url = await wireTo(
    await serve(async (_request, response) => {
      waiting.resolve();
      await once(response, 'close');
      cutOff.resolve();
    }),
  );
  const client = new AbortController();
  const answer = fetch(url, { method: 'POST', body: '{}', signal: client.signal }).catch(() => 'gone');
  await waiting.promise;
  client.abort();
  expect(await answer).toBe('gone');
  await cutOff.promise;
});
