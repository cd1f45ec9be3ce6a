import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from '../engine/ports.ts';
import { whyForeign } from '../foreign-request.ts';
import { readText } from '../read-text.ts';

/** One operation of a service: the request's JSON in, the answer's JSON out; throws `ServiceError`. */
export type Operation = (input: Record<string, unknown>) => Promise<object> | object;

export interface JsonService {
  /** What stands before the dot in `X-Amz-Target`: `AWSStepFunctions`, `secretsmanager`. */
  target: string;
  version: '1.0' | '1.1';
  operations: Record<string, Operation>;
}

/**
 * Takes a request over, its body unread: REST-shaped services, the admin API, requests passed on to another server.
 * Resolves to false, with nothing read or written, if the request is not its own.
 */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface Wire {
  service(service: JsonService): void;
  /** All requests whose `X-Amz-Target` starts with this and a dot (`DynamoDB_20120810`). */
  forward(target: string, handler: Handler): void;
  /** Asked for every request without `X-Amz-Target`, first registered first. */
  route(handler: Handler): void;
  /**
   * Answers `http://127.0.0.1:<port>`. Port 0 takes a free one. Only this machine is answered, and requests that come before
   * `complete` wait for it: nobody is told that a service is unknown that is only not registered yet.
   */
  listen(port: number, complete?: Promise<void>): Promise<string>;
  stop(): Promise<void>;
}

const largestBodyBytes = 16 * 1024 * 1024;

/** The one endpoint that SDKs and CLI talk to. Signatures are not checked: every program on this machine is trusted, pages in a browser are not. */
export function createWire(log: (message: string, fields?: Record<string, unknown>) => void = () => {}): Wire {
  const services = new Map<string, JsonService>();
  const forwards = new Map<string, Handler>();
  const routes: Handler[] = [];
  let registered: Promise<void> = Promise.resolve();
  const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const foreign = whyForeign(request.headers);
      if (foreign) return refuse(response, 403, 'AccessDeniedException', foreign);
      await registered;
      const target = request.headers['x-amz-target'];
      if (typeof target === 'string') await takeTarget(target, request, response);
      else await takeRoute(request, response);
    } catch (error) {
      // The client went away.
      if (response.destroyed) return;
      log('a request could not be answered', { url: request.url, error });
      if (!response.headersSent) refuse(response, 500, 'InternalFailure', String(error));
      else response.destroy();
    }
  }

  async function takeTarget(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [service = '', operation = ''] = target.split('.');
    const forward = forwards.get(service);
    if (forward && (await forward(request, response))) return;
    const body = await readText(request, largestBodyBytes);
    if (body !== undefined) return operate(services.get(service), target, operation, body, response);
    refuse(response, 413, 'RequestEntityTooLargeException', `The request is larger than ${largestBodyBytes} bytes.`);
  }

  async function takeRoute(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const route of routes) if (await route(request, response)) return;
    refuse(response, 404, 'UnknownOperationException', `Nothing here answers ${request.method} ${request.url}.`);
  }

  async function operate(
    service: JsonService | undefined,
    target: string,
    name: string,
    body: string,
    response: ServerResponse,
  ): Promise<void> {
    const operation = service && Object.hasOwn(service.operations, name) && service.operations[name];
    if (!operation) {
      return refuse(response, 400, 'UnknownOperationException', `This runtime does not support ${target}.`);
    }
    try {
      send(response, 200, await operation(parse(body)), service.version);
    } catch (error) {
      if (error instanceof ServiceError) {
        return refuse(response, error.statusCode, error.name, error.message, service.version);
      }
      log('an operation failed', { target, error });
      refuse(response, 500, 'InternalFailure', String(error), service.version);
    }
  }

  return {
    service(service) {
      services.set(service.target, service);
    },
    forward(target, handler) {
      forwards.set(target, handler);
    },
    route(handler) {
      routes.push(handler);
    },
    listen(port, complete = Promise.resolve()) {
      registered = complete;
      return listen(server, port);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

function parse(body: string): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const input: unknown = JSON.parse(body);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  } catch {
    // Answered below, like any other text that is not an object.
  }
  throw new ServiceError('SerializationException', 'The request is not a JSON object.');
}

function refuse(response: ServerResponse, status: number, type: string, message: string, version = '1.0'): void {
  send(response, status, { __type: type, message }, version);
}

function send(response: ServerResponse, status: number, answer: object, version: string): void {
  const text = JSON.stringify(answer);
  response.writeHead(status, {
    'content-type': `application/x-amz-json-${version}`,
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}
