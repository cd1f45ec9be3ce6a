import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CannotStart } from './cannot-start.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface HttpServer {
  port: number;
  /** From now on requests are answered; those that came earlier have waited. */
  serve(handler: RequestHandler): void;
  /** Takes no new requests, lets those in flight end for a moment, closes everything. */
  stop(): Promise<void>;
}

const GRACE_MS = 2_000;

/**
 * Listens on loopback only. The port is taken before anything is ready to answer, so that addresses are known while the rest starts.
 * Slow clients are cut off: by default 10 s for the headers, 30 s for a whole request.
 */
export async function openHttpServer(
  what: string,
  port: number,
  { headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = {},
): Promise<HttpServer> {
  const ready = Promise.withResolvers<RequestHandler>();
  const inFlight = new Set<Promise<void>>();
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
      maxHeaderSize: 32 * 1024,
      noDelay: true,
    },
    (request, response) => {
      const answered = ready.promise
        .then((handler) => handler(request, response))
        // Only a client that went away may end up here; everything else is answered by the handler.
        .catch(() => void response.destroy())
        .finally(() => inFlight.delete(answered));
      inFlight.add(answered);
    },
  );
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CannotStart(
      code === 'EADDRINUSE'
        ? `Port ${port} for ${what} is in use by another program; end it, or choose another with --port.`
        : `Cannot listen on port ${port} for ${what}: ${message}.`,
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    serve: ready.resolve,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const { promise: graceIsOver, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, GRACE_MS);
      await Promise.race([Promise.all(inFlight), graceIsOver]);
      clearTimeout(timer);
      server.closeAllConnections();
      await closed;
    },
  };
}
