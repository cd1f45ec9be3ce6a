import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Where a call ends: at the n-th request to DynamoDB (from 1), before it is sent or after it took effect. */
export interface Kill {
  atRequest: number;
  afterEffect: boolean;
}

export class Killed extends Error {
  override readonly name = 'Sandbox.Timedout';
}

/**
 * Kills handlers as Lambda does: nothing of them runs any more, no `catch` and no clean-up. One call at a time.
 * Returns a function that makes a call and, with a `Kill`, rejects with `Killed` if the call got that far.
 */
export function killableCalls(client: DynamoDBClient) {
  let kill: Kill | undefined;
  let requests = 0;
  let die: () => void = () => {};
  client.middlewareStack.add(
    (next) => async (request) => {
      const planned = kill;
      if (!planned || ++requests !== planned.atRequest) return next(request);
      if (planned.afterEffect) await next(request);
      die();
      return new Promise(() => {});
    },
    { name: 'killableCalls', step: 'initialize' },
  );
  return async <Result>(call: () => Promise<Result>, planned?: Kill): Promise<Result> => {
    requests = 0;
    kill = planned;
    try {
      return await new Promise<Result>((resolve, reject) => {
        die = () => reject(new Killed());
        call().then(resolve, reject);
      });
    } finally {
      kill = undefined;
    }
  };
}
