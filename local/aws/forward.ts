import { Agent, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Handler } from './wire.ts';

export interface Forward extends Disposable {
  handler: Handler;
}

/** Passes requests on to an emulator as they are, and its answers back. */
export function forwardTo(endpoint: string): Forward {
  const agent = new Agent({ keepAlive: true });
  const { host } = new URL(endpoint);
  return {
    async handler(incoming, response) {
      const { connection: _ofThisConnection, ...headers } = incoming.headers;
      const outgoing = request(new URL(incoming.url ?? '/', endpoint), {
        method: incoming.method,
        agent,
        headers: { ...headers, host },
      });
      const answered = Promise.withResolvers<void>();
      outgoing.on('error', answered.reject);
      outgoing.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
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
