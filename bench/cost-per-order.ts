/**
 * What one completed order uses on AWS, and what that costs at list prices. Counted on the deployed definition and bundles:
 * transitions from the execution's history, invocations at the Lambda host, capacity units as DynamoDB would bill them.
 */
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { localClient } from '../examples/local-front-door.ts';
import { startMeteredRuntime } from './metered-runtime.ts';
import { openOrderDriver } from './order-driver.ts';

/** us-east-1, USD, on demand, x86; as published in 2026. */
const prices = {
  /** https://aws.amazon.com/step-functions/pricing/ */
  stateTransition: 25e-6,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaInvocation: 0.2e-6,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  /** https://aws.amazon.com/sqs/pricing/ */
  sqsRequest: 0.4e-6,
};

export interface CostPerOrder {
  stateTransitions: number;
  lambdaInvocations: number;
  writeUnits: number;
  readUnits: number;
  sqsRequests: number;
  usdPerThousandOrders: number;
}

export async function measureCost(orders = 5): Promise<CostPerOrder> {
  await using metered = await startMeteredRuntime();
  const { runtime, meter } = metered;
  using driver = await openOrderDriver(runtime);
  await driver.fulfil(20);
  const before = { ...meter, invocations: await runtime.invocations() };
  let executionArn = '';
  for (let n = 0; n < orders; n++) ({ executionArn } = await driver.fulfil(20));
  const perOrder = (total: number, then: number) => (total - then) / orders;

  const sfn = new SFNClient(localClient(runtime.awsEndpoint));
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  sfn.destroy();
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  const waits = events.filter(({ type }) => type === 'TaskSubmitted').length;
  const usage = {
    stateTransitions: entered,
    lambdaInvocations: perOrder(await runtime.invocations(), before.invocations),
    writeUnits: perOrder(meter.writeUnits, before.writeUnits),
    readUnits: perOrder(meter.readUnits, before.readUnits),
    // Sent, received and deleted, each in a batch of its own: the most that a quiet queue costs.
    sqsRequests: waits * 3,
  };
  const usd =
    usage.stateTransitions * prices.stateTransition +
    usage.lambdaInvocations * prices.lambdaInvocation +
    usage.writeUnits * prices.writeUnit +
    usage.readUnits * prices.readUnit +
    usage.sqsRequests * prices.sqsRequest;
  return { ...usage, usdPerThousandOrders: usd * 1000 };
}
