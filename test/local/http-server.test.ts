import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openHttpServer } from '../../local/http-server.ts';

async function open(options?: Parameters<typeof openHttpServer>[2]) {
  const server = await openHttpServer('the test', 0, options);
  onTestFinished(() => server.stop());
  return server;
}

/** Sends the beginning of a request and nothing more; gives all that came back until the server closed the connection. */
async function sendPart(port: number, part: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(part);
  return await text(socket);
}

test('a client that does not finish its headers or its body is cut off', async () => {
  const server = await open({ headersTimeoutMs: 50, requestTimeoutMs: 100 });
  server.serve(async (request, response) => void response.end(await text(request)));
  const parts = ['GET / HTTP/1.1\r\nhost: x\r\n', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf'];
  for (const answer of await Promise.all(parts.map((part) => sendPart(server.port, part)))) {
    expect(answer).toMatch(/^HTTP\/1.1 408/);
  }
});

test('a request that comes before the server is ready waits for it', async () => {
  const server = await open();
  const answer = fetch(`http://127.0.0.1:${server.port}`).then((response) => response.text());
  server.serve(async (_request, response) => void response.end('ready'));
  expect(await answer).toBe('ready');
});

test('a stop lets the request in flight end and takes no new ones', async () => {
  const server = await open();
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  server.serve(async (_request, response) => {
    begun.resolve();
    await go.promise;
    response.end('done');
  });
  const url = `http://127.0.0.1:${server.port}`;
  const answer = fetch(url).then((response) => response.text());
  await begun.promise;
  const stopped = server.stop();
  go.resolve();
  expect(await answer).toBe('done');
  await stopped;
  await expect(fetch(url)).rejects.toThrow();
});

test('a handler that fails ends its connection and not the server', async () => {
  const server = await open();
  server.serve(async (request, response) => {
    if (request.url === '/bad') throw new Error('a defect');
    response.end('fine');
  });
  const url = `http://127.0.0.1:${server.port}`;
  await expect(fetch(`${url}/bad`)).rejects.toThrow();
  expect(await (await fetch(url)).text()).toBe('fine');
});
