import { Agent, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Handler } from './wire.ts';

export interface Forward extends Disposable {
  handler: Handler;
}

/** Passes requests on to an emulator as they are, and its answers back. */
export function forwardTo(endpoint: string): Forward {
  const agent = new Agent({ keepAlive: true });
  const { host, hostname, port } = new URL(endpoint);
  return {
    async handler(incoming, response) {
      const { connection: _ofThisConnection, ...headers } = incoming.headers;
      const outgoing = request({
        hostname,
        port,
        // Not made into a URL: what looks like one (`//elsewhere/`) must not lead elsewhere.
        path: incoming.url,
        method: incoming.method,
        agent,
        headers: { ...headers, host },
      });
      // A client that went away must not go on receiving: the messages would be lost to others for a while.
      response.once('close', () => outgoing.destroy());
      const answered = Promise.withResolvers<void>();
      outgoing.on('error', answered.reject);
      outgoing.on('response', (answer) => {
        const { connection: _ofThatConnection, ...answerHeaders } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, answerHeaders);
        pipeline(answer, response).then(() => answered.resolve(), answered.reject);
      });
      // When it fails, `outgoing` fails too, and that is what is reported.
      pipeline(incoming, outgoing).catch(() => {});
      await answered.promise;
      return true;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
