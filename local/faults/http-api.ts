/** Faults of an HTTP API in front of its functions: the client's connection is lost, or the gateway has no answer. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../engine/ports.ts';
import type { RequestHandler } from '../http-server.ts';
import { callName } from './call-name.ts';
import type { FaultBook } from './fault-book.ts';
import { pause } from './pause.ts';

export function breakHttpApi(handler: RequestHandler, book: FaultBook, clock: Clock): RequestHandler {
  return async (request, response) => {
    if (book.plan.rules.length === 0) return handler(request, response);
    const operation = `${request.method} ${request.url?.split('?', 1)[0]}`;
    const key = request.headers['idempotency-key'];
    const fault = await book.ask({ at: 'http-api', operation, name: callName(operation, key?.toString()) });
    switch (fault?.kind) {
      case 'drop-before':
        request.destroy();
        return;
      case 'drop-after':
        return handler(request, unanswered(response));
      case 'unavailable':
        request.resume();
        response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"Service Unavailable"}');
        return;
      case 'slow':
        await pause(clock, fault.delayMs ?? 0);
    }
    return handler(request, response);
  };
}

/** Looks like the response, and cuts the connection where the answer would go out: whatever the answer is, the client does not get it. */
function unanswered(response: ServerResponse): ServerResponse {
  response.writeHead = () => response;
  response.end = () => response.destroy();
  return response;
}
