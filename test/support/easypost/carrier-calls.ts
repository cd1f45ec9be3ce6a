import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Carrier } from '../../../lambdas/adapters/carrier.ts';
import { interceptedCalls } from '../intercepted-calls.ts';
import { carrierSettings } from './carrier-settings.ts';
import type { FakeEasyPost } from './fake-easypost.ts';

/** One request of a call to the carrier, to EasyPost or to DynamoDB. */
export interface CarrierRequest {
  /** Its place among the requests of the call, from 1. */
  number: number;
  /** `PutItem`, `POST /v2/shipments/shp_1/buy` */
  what: string;
}
/** Stands between a call and what it asks: sends the request or not, sooner or later. What it throws, the call meets. */
export type Bend = (request: CarrierRequest, send: () => Promise<unknown>) => Promise<unknown>;

/** Calls of the adapter, each as a process of its own, whose every request can be bent. */
export async function carrierCalls(fake: FakeEasyPost) {
  const { easypostCarrier } = await import('../../../lambdas/adapters/easypost-carrier.ts');
  const { easypostClient } = await import('../../../lambdas/adapters/easypost-client.ts');
  const { dynamoDbClient } = await import('../../../lambdas/adapters/document-client.ts');
  const intercepted = interceptedCalls(dynamoDbClient as DynamoDBClient);
  let processes = 0;

  return async <Result>(call: (carrier: Carrier) => Promise<Result>, bend?: Bend): Promise<Result> => {
    const apiKey = `EZTKprocess${++processes}`;
    const client = easypostClient({ apiKey: async () => apiKey, baseUrl: fake.baseUrl });
    const carrier = easypostCarrier(client, carrierSettings);
    if (!bend) return call(carrier);
    let number = 0;
    fake.interceptions.set(apiKey, async ({ method, path }, apply) => {
      const answer = await bend({ number: ++number, what: `${method} ${path}` }, async () => apply());
      return answer as ReturnType<typeof apply>;
    });
    try {
      return await intercepted(
        () => call(carrier),
        async ({ operation }, send) => (await bend({ number: ++number, what: operation }, send)) as object,
      );
    } finally {
      fake.interceptions.delete(apiKey);
    }
  };
}

/** The process dies at a request: before it was sent, or after it took effect and before anyone is told. */
export const dies =
  (at: number, when: 'before' | 'after', onDeath: () => void = () => {}): Bend =>
  async (request, send) => {
    if (request.number !== at) return send();
    onDeath();
    if (when === 'after') await send();
    throw new Killed(`${when} ${request.what}`);
  };

export class Killed extends Error {}
