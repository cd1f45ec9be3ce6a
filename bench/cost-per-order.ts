/**
 * What one completed order uses on AWS, and what that costs at list prices, without free tiers. Counted on the deployed definition and bundles:
 * transitions from the execution's history, invocations at the Lambda host, capacity units as DynamoDB would bill them, mails in the mailbox.
 *
 * Not in the sum: the time of the Lambdas, because how long they run on AWS was not measured (what 100 ms of each would cost is said beside it);
 * logs and traces; what costs the same with any number of orders (alarms, secrets, stored data and its backups); outside parties.
 */
import { readdir } from 'node:fs/promises';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { localClient } from '../examples/local-front-door.ts';
import { startMeteredRuntime } from './metered-runtime.ts';
import { openOrderDriver } from './order-driver.ts';

/** us-east-1, USD, on demand; as published in 2026. */
const prices = {
  /** https://aws.amazon.com/step-functions/pricing/ */
  stateTransition: 25e-6,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaInvocation: 0.2e-6,
  /** The same page: arm64, as lib/node-function.ts deploys. */
  lambdaGbSecond: 13.3334e-6,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  /** https://aws.amazon.com/sqs/pricing/ */
  sqsRequest: 0.4e-6,
  /** https://aws.amazon.com/ses/pricing/ */
  mail: 100e-6,
  /** https://aws.amazon.com/api-gateway/pricing/ (HTTP APIs, up to 512 KB each) */
  apiRequest: 1e-6,
};

/** lib/node-function.ts */
const lambdaGb = 512 / 1024;

export interface CostPerOrder {
  stateTransitions: number;
  lambdaInvocations: number;
  writeUnits: number;
  readUnits: number;
  sqsRequests: number;
  mails: number;
  /** Placing, opening a link and answering by it, the carrier's event: what people look at besides comes on top. */
  apiRequests: number;
  usdPerThousandOrders: number;
  /** Not in the sum: for every 100 ms that an invocation takes on average. */
  usdPerThousandOrdersPer100MsOfLambda: number;
}

export async function measureCost(orders = 5): Promise<CostPerOrder> {
  await using metered = await startMeteredRuntime();
  const { runtime, meter } = metered;
  using driver = await openOrderDriver(runtime);
  await driver.fulfil(20);
  const count = async () => {
    const invocations = Object.entries(await runtime.invocations());
    const sum = (of: typeof invocations) => of.reduce((total, [, times]) => total + times, 0);
    return {
      ...meter,
      lambdaInvocations: sum(invocations),
      // One request is one invocation of its route's function, and nothing else invokes those.
      apiRequests: sum(invocations.filter(([name]) => /-Api[A-Z]/.test(name))),
      mails: (await readdir(runtime.mailboxDir)).filter((file) => file.endsWith('.json')).length,
    };
  };
  const before = await count();
  let executionArn = '';
  for (let n = 0; n < orders; n++) ({ executionArn } = await driver.fulfil(20));
  const after = await count();
  const perOrder = (what: keyof typeof before) => (after[what] - before[what]) / orders;

  const sfn = new SFNClient(localClient(runtime.awsEndpoint));
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  sfn.destroy();
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  const waits = events.filter(({ type }) => type === 'TaskSubmitted').length;
  const usage = {
    stateTransitions: entered,
    lambdaInvocations: perOrder('lambdaInvocations'),
    writeUnits: perOrder('writeUnits'),
    readUnits: perOrder('readUnits'),
    // Sent, received and deleted, each in a batch of its own: the most that a quiet queue costs.
    sqsRequests: waits * 3,
    mails: perOrder('mails'),
    apiRequests: perOrder('apiRequests'),
  };
  const usd =
    usage.stateTransitions * prices.stateTransition +
    usage.lambdaInvocations * prices.lambdaInvocation +
    usage.writeUnits * prices.writeUnit +
    usage.readUnits * prices.readUnit +
    usage.sqsRequests * prices.sqsRequest +
    usage.mails * prices.mail +
    usage.apiRequests * prices.apiRequest;
  return {
    ...usage,
    usdPerThousandOrders: usd * 1000,
    usdPerThousandOrdersPer100MsOfLambda: usage.lambdaInvocations * 0.1 * lambdaGb * prices.lambdaGbSecond * 1000,
  };
}
