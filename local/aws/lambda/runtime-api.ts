/**
 * The Lambda Runtime API, version 2018-06-01, of all execution environments: one server, told apart by a path prefix in
 * AWS_LAMBDA_RUNTIME_API. Written on node:net because it carries every step of every execution.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { readMessages } from './bootstrap/http-messages.mjs';

/** What an environment's process is given when it asks for work. */
export interface RuntimeEvent {
  headers: Record<string, string>;
  payload: string;
}

/** The host's side of one environment. */
export interface RuntimePeer {
  /** The process is ready for an invocation; `give` may be called later, once. */
  next(give: (event: RuntimeEvent) => void): void;
  /** False: there is no such invocation in hand. */
  answer(requestId: string, kind: 'response' | 'error', body: string): boolean;
  initError(body: string): void;
}

export interface RuntimeApi {
  /** Value of AWS_LAMBDA_RUNTIME_API for a registered environment. */
  addressOf(environmentId: string): string;
  register(environmentId: string, peer: RuntimePeer): Disposable;
  close(): Promise<void>;
}

export async function openRuntimeApi(): Promise<RuntimeApi> {
  const peers = new Map<string, RuntimePeer>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, peers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    addressOf: (environmentId) => `127.0.0.1:${port}/${environmentId}`,
    register(environmentId, peer) {
      peers.set(environmentId, peer);
      return { [Symbol.dispose]: () => void peers.delete(environmentId) };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const route =
  /^(GET|POST) \/(\w+)\/2018-06-01\/runtime\/(?:(invocation\/next)|invocation\/([\w-]+)\/(response|error)|(init\/error)) /;

/**
 * One connection. A receipt leaves together with the next event when the process asked for that in the same packet as it answered: one
 * write fewer per invocation, and writes are most of what an invocation costs here.
 */
function serve(socket: Socket, peers: ReadonlyMap<string, RuntimePeer>): void {
  let unsent = '';
  let asksForEvent = false;

  function reply(status: string, headers: string, body: string): void {
    const length = Buffer.byteLength(body);
    unsent += `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${length}\r\n\r\n${body}`;
  }

  function send(): void {
    if (unsent !== '') socket.write(unsent);
    unsent = '';
  }

  function handle(startLine: string, body: string): void {
    const [, , environmentId, isNext, requestId, kind, isInitError] = route.exec(startLine) ?? [];
    const peer = environmentId === undefined ? undefined : peers.get(environmentId);
    if (!peer) {
      reply('404 Not Found', '', errorBody('NotFound', `No such resource: ${startLine}`));
    } else if (isNext) {
      asksForEvent = true;
      peer.next((event) => {
        asksForEvent = false;
        reply('200 OK', headerLines(event.headers), event.payload);
        send();
      });
    } else if (isInitError) {
      peer.initError(body);
      reply('202 Accepted', '', accepted);
    } else if (peer.answer(requestId!, kind as 'response' | 'error', body)) {
      reply('202 Accepted', '', accepted);
    } else {
      reply('400 Bad Request', '', errorBody('InvalidRequestID', `No invocation ${requestId} is in hand`));
    }
  }

  const read = readMessages((startLine, _headers, body) => handle(startLine, body));
  socket.on('data', (chunk) => {
    read(chunk);
    if (!asksForEvent) send();
  });
}

const accepted = '{"status":"OK"}';

function errorBody(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}

function headerLines(headers: Record<string, string>): string {
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return lines;
}
