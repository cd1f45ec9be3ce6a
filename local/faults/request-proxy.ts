/** Stands between the functions and the services that they ask, only while a plan wants it there. */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '../engine/ports.ts';
import { type HttpServer, openHttpServer } from '../http-server.ts';
import { callName } from './call-name.ts';
import type { Fault, FaultBook } from './fault-book.ts';
import { pause } from './pause.ts';
import { type FaultyService, faultyServices, type KeysOf, type ServiceFailure } from './services.ts';

export interface RequestProxyOptions {
  book: FaultBook;
  clock: Clock;
  /** Where the services are, by the SDK's service id in capitals. */
  services: Readonly<Record<string, string>>;
  keysOf: KeysOf;
  /** Ends the process of the function that asks. False: it is none, or it is gone. */
  kill(environmentId: string): boolean;
}

/** Who asks. */
export interface Caller {
  functionName: string;
  /** Empty for who is no function. */
  environmentId: string;
}

export interface RequestProxy {
  /** Where a caller reaches a service through the proxy. */
  endpoint(service: string, caller: Caller): string;
  stop(): Promise<void>;
}

/** An answer of a service, read to its end: a fault may be that nobody gets it. */
interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const paths = /^\/([A-Z0-9_]+)\/([^/]+)\/([^/]*)(\/[^?]*)?(\?.*)?$/;

export async function startRequestProxy(options: RequestProxyOptions): Promise<RequestProxy> {
  const { book, clock, services, keysOf, kill } = options;
  const agent = new Agent({ keepAlive: true });
  const server: HttpServer = await openHttpServer('faults of requests', 0, { requestTimeoutMs: 120_000 });
  server.serve(async (request, response) => {
    const [, service = '', functionName = '', environmentId = '', path = '/', query = ''] =
      paths.exec(request.url!) ?? [];
    const faulty = faultyServices[service];
    const body = await buffer(request);
    const fault = faulty && (await book.ask(callOf(request, path, body, faulty, decodeURIComponent(functionName))));
    const passOn = () => forward(agent, services[service] ?? services['*']!, request, path + query, body);
    if (!fault) return respond(response, await passOn());
    await breakRequest(fault, faulty, { passOn, request, response, kill: () => kill(environmentId) });
  });

  function callOf(request: IncomingMessage, path: string, body: Buffer, { at, name }: FaultyService, caller: string) {
    const target = request.headers['x-amz-target']?.toString();
    const { subject, ...named } = name({ method: request.method!, path, target, body: body.toString() }, keysOf);
    return { at, function: caller, ...named, name: callName(caller, named.operation, subject) };
  }

  async function breakRequest(fault: Fault, service: FaultyService, { passOn, request, response, kill }: Broken) {
    switch (fault.kind) {
      case 'throttle':
        return respond(response, failureAnswer(service.throttled, service.at));
      case 'error':
        return respond(response, failureAnswer(service.broken, service.at));
      case 'drop-before':
        return void request.socket.destroy();
      case 'drop-after':
        await passOn();
        return void request.socket.destroy();
      case 'late':
        request.socket.destroy();
        return void pause(clock, fault.delayMs ?? 0)
          .then(passOn)
          // Nobody waits for its answer, and the service may be gone by then.
          .catch(() => {});
      case 'kill-before':
        kill();
        return void request.socket.destroy();
      case 'kill-after':
        await passOn();
        kill();
        return void request.socket.destroy();
      default:
        await pause(clock, fault.delayMs ?? 0);
        return respond(response, await passOn());
    }
  }

  return {
    endpoint: (service, { functionName, environmentId }) =>
      `http://127.0.0.1:${server.port}/${service === '*' ? 'ANY' : service}/${encodeURIComponent(functionName)}/${environmentId}`,
    async stop() {
      await server.stop();
      agent.destroy();
    },
  };
}

interface Broken {
  passOn(): Promise<Answer>;
  request: IncomingMessage;
  response: ServerResponse;
  kill(): void;
}

function forward(agent: Agent, endpoint: string, { method, headers }: IncomingMessage, path: string, body: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { connection: _ofThisConnection, 'transfer-encoding': _ofThisBody, ...passedOn } = headers;
  const { hostname, host, port } = new URL(endpoint);
  const outgoing = send({
    hostname,
    port,
    path,
    method,
    agent,
    headers: { ...passedOn, host, 'content-length': body.length },
  });
  outgoing.on('error', reject);
  outgoing.on('response', (answer) =>
    buffer(answer).then(
      (read) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: read }),
      reject,
    ),
  );
  outgoing.end(body);
  return promise;
}

function respond(response: ServerResponse, { status, headers, body }: Answer): void {
  const { connection: _ofThatConnection, 'transfer-encoding': _ofThatBody, ...passedOn } = headers;
  response.writeHead(status, { ...passedOn, 'content-length': body.length });
  response.end(body);
}

/** In the shapes of both kinds of JSON services: the code in the body, and in a header. S3 speaks XML. */
function failureAnswer({ status, code, message }: ServiceFailure, at: FaultyService['at']): Answer {
  if (at === 's3') {
    const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
  }
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code.split('#').at(-1)! };
  return { status, headers, body: Buffer.from(JSON.stringify({ __type: code, message, Message: message })) };
}
