import { AsyncLocalStorage } from 'node:async_hooks';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One request of a call to DynamoDB. */
export interface DynamoDbRequest {
  /** Its place among the requests of the call, from 1. */
  number: number;
  /** `GetItem`, `TransactWriteItems`, ... */
  operation: string;
  input: Record<string, unknown>;
}

/** Stands between a call and DynamoDB: sends the request or not, once or twice, and gives the call what it likes. */
export type Intercept = (request: DynamoDbRequest, send: () => Promise<Answer>) => Promise<Answer>;

/** What the SDK's middleware hands on; nobody looks into it. */
type Answer = object;

/**
 * Watches and bends the requests that single calls of handlers make, each of any number of calls beside each other on its
 * own. What an intercept does itself, another call for example, is not the call's.
 */
export function interceptedCalls(client: DynamoDBClient) {
  const calls = new AsyncLocalStorage<{ intercept: Intercept; requests: number }>();
  client.middlewareStack.add(
    (next, context) => async (request) => {
      const call = calls.getStore();
      if (!call) return next(request);
      const number = ++call.requests;
      const operation = String(context.commandName).replace(/Command$/, '');
      const input = request.input as Record<string, unknown>;
      const send = (): Promise<Answer> => next(request);
      const answer = await calls.exit(() => call.intercept({ number, operation, input }, send));
      return answer as Awaited<ReturnType<typeof next>>;
    },
    { name: 'interceptedCalls', step: 'initialize' },
  );
  return <Result>(call: () => Promise<Result>, intercept: Intercept): Promise<Result> =>
    calls.run({ intercept, requests: 0 }, call);
}
