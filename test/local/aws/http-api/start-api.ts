import { onTestFinished } from 'vitest';
import type { ApiSpec, RouteSpec } from '../../../../local/aws/http-api/api-spec.ts';
import { serveApi } from '../../../../local/aws/http-api/serve-api.ts';
import type { Clock, FunctionResult } from '../../../../local/engine/ports.ts';
import { openHttpServer } from '../../../../local/http-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look deep into the event, whose shape is what they check
type Event = Record<string, any>;

/** A clock that stands still, for tests that are about something else. */
export const stoppedClock = (now = Date.now()): Clock => ({
  now: () => now,
  offsetMs: () => 0,
  advance: async () => {},
  at: () => ({ [Symbol.dispose]: () => {} }),
});

export const route = (routeKey: string, rest: Partial<RouteSpec> = {}): RouteSpec => ({
  routeKey,
  authorizer: { type: 'NONE' },
  functionArn: routeKey,
  timeoutMs: 5_000,
  ...rest,
});

/** An API on a free port whose functions are `handler`; gives its URL and the events that arrived. */
export async function startApi(
  routes: RouteSpec[],
  options: {
    handler?: (event: Event, functionArn: string) => unknown;
    result?: Partial<FunctionResult>;
    api?: Partial<ApiSpec>;
    clock?: Clock;
  } = {},
) {
  const events: Event[] = [];
  const server = await openHttpServer('the test', 0);
  onTestFinished(() => server.stop());
  const api: ApiSpec = {
    logicalId: 'Api',
    apiId: 'abc',
    name: 'test',
    stage: '$default',
    stageVariables: {},
    routes,
    ...options.api,
  };
  server.serve(
    serveApi(api, {
      accountId: '000000000000',
      region: 'us-east-1',
      clock: options.clock ?? stoppedClock(),
      log: () => {},
      invoker: {
        async invoke(functionArn, payload) {
          const event = JSON.parse(payload) as Event;
          events.push(event);
          const value = options.handler
            ? await options.handler(event, functionArn)
            : { statusCode: 200, body: functionArn };
          return {
            statusCode: 200,
            payload: JSON.stringify(value ?? null),
            executedVersion: '1',
            requestId: 'r',
            ...options.result,
          };
        },
      },
    }),
  );
  return { url: `http://127.0.0.1:${server.port}`, events, port: server.port };
}
