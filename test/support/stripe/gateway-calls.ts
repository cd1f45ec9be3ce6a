import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type Stripe from 'stripe';
import type { PaymentGateway } from '../../../lambdas/adapters/payment-gateway.ts';
import { interceptedCalls } from '../intercepted-calls.ts';
import type { startFakeStripe } from './fake-stripe.ts';

/** One request of a call of the gateway, to Stripe or to DynamoDB. */
export interface Point {
  /** Its place among the requests of the call, from 1. */
  number: number;
  /** `POST /v1/refunds`, `PutItem`, ... */
  what: string;
  isToStripe: boolean;
}

/** Stands at each request of a call: lets it happen or not, now or later, and gives the call its answer or never does. */
// biome-ignore lint/suspicious/noExplicitAny: answers of two kinds, handed on unseen
export type Bend = (point: Point, send: () => Promise<any>) => Promise<any>;

export type Call<Result> = (gateway: PaymentGateway) => Promise<Result>;

/** `late`: the request is on its way when its process dies, and arrives when the test says so. */
export type Death = { at: number; how: 'before' | 'after' | 'late' };

/** Calls of the gateway, each a process of its own with its own client, whose every request is in the hands of the test. */
export function gatewayCalls(
  stripe: Awaited<ReturnType<typeof startFakeStripe>>,
  gatewayOf: (client: Stripe) => PaymentGateway,
  dynamoDbClient: DynamoDBClient,
) {
  const intercepted = interceptedCalls(dynamoDbClient);
  let callers = 0;

  function bent<Result>(call: Call<Result>, bend: Bend): Promise<Result> {
    const caller = `caller${++callers}`;
    let number = 0;
    const point = (what: string, isToStripe: boolean): Point => ({ number: ++number, what, isToStripe });
    stripe.intercept(caller, ({ operation }, apply) => bend(point(operation, true), async () => apply()));
    return intercepted(
      () => call(gatewayOf(stripe.client(caller))),
      ({ operation }, send) => bend(point(operation, false), send),
    );
  }

  /** Nothing of the call runs any more after its death. `reached` says whether it got so far. */
  async function dying<Result>(call: Call<Result>, { at, how }: Death) {
    const death = Promise.withResolvers<void>();
    let reached = false;
    let arrive = async () => {};
    const running = bent(call, async ({ number }, send) => {
      if (number !== at) return send();
      reached = true;
      if (how === 'after') await send();
      if (how === 'late') arrive = async () => void (await send().catch(() => {}));
      death.resolve();
      return new Promise(() => {});
    });
    await Promise.race([running.catch(() => {}), death.promise]);
    return { reached, arrive: () => arrive() };
  }

  /** The requests of a call that nobody disturbs. */
  async function pointsOf(call: Call<unknown>): Promise<Point[]> {
    const points: Point[] = [];
    await bent(call, (point, send) => {
      points.push(point);
      return send();
    });
    return points;
  }

  return { bent, dying, pointsOf };
}
