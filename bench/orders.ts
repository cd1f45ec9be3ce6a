/** Orders from POST to completed, answered at once. */
import { mailContext } from '../examples/local-front-door.ts';
import { startLocalRuntime } from '../examples/local-runtime.ts';
import { openOrderDriver } from './order-driver.ts';
import { inParallel, percentile, throughput } from './statistics.ts';
import { openStepFunctions } from './step-functions-client.ts';

export interface OrdersResult {
  /** From the command line to the first accepted order, synthesis included. */
  startUpToFirstAcceptedOrderMs: number;
  memoryMbIdle: number;
  memoryMbLoaded: number;
  ordersPerSecondWith1InFlight: number;
  ordersPerSecondWith64InFlight: number;
  /** Of the runtime and its functions, the driver left out. */
  cpuMsPerOrder: number;
  p50MsWith1InFlight: number;
  p99MsWith1InFlight: number;
  /** Where the time of an order goes with 1 in flight: the answer to POST, then each state from entry to exit. */
  p50MsOf: Record<string, number>;
}

export async function measureOrders({ single = 60, seconds = 20 } = {}): Promise<OrdersResult> {
  await using runtime = await startLocalRuntime({ context: mailContext });
  using driver = await openOrderDriver(runtime);
  const first = await driver.fulfil(10);
  const memoryMbIdle = await runtime.memoryMb();

  await inParallel(10, 1, async () => void (await driver.fulfil(10)));
  const singles: Awaited<ReturnType<typeof driver.fulfil>>[] = [];
  const startedAt = performance.now();
  await inParallel(single, 1, async () => void singles.push(await driver.fulfil(5)));
  const singleSeconds = (performance.now() - startedAt) / 1000;
  const p50MsOf = {
    accepted: percentile(
      singles.map(({ acceptedMs }) => acceptedMs),
      0.5,
    ),
  };
  Object.assign(p50MsOf, await medianMsOfStates(runtime.awsEndpoint, singles.slice(-25)));

  const busy = await throughput({ inFlight: 64, warmUp: 64, seconds }, runtime, () => driver.fulfil(100));
  const completedMs = singles.map((one) => one.completedMs);
  return {
    startUpToFirstAcceptedOrderMs: runtime.startUpMs + first.acceptedMs,
    memoryMbIdle,
    memoryMbLoaded: await runtime.memoryMb(),
    ordersPerSecondWith1InFlight: single / singleSeconds,
    ordersPerSecondWith64InFlight: busy.perSecond,
    cpuMsPerOrder: busy.cpuMsEach,
    p50MsWith1InFlight: percentile(completedMs, 0.5),
    p99MsWith1InFlight: percentile(completedMs, 0.99),
    p50MsOf,
  };
}

async function medianMsOfStates(
  awsEndpoint: string,
  orders: { executionArn: string }[],
): Promise<Record<string, number>> {
  using stepFunctions = openStepFunctions(awsEndpoint);
  const samples: Record<string, number[]> = {};
  for (const { executionArn } of orders) {
    const enteredAt: Record<string, number> = {};
    for (const { timestamp, stateEnteredEventDetails, stateExitedEventDetails } of await stepFunctions.history(
      executionArn,
    )) {
      if (stateEnteredEventDetails) enteredAt[stateEnteredEventDetails.name] = timestamp;
      if (!stateExitedEventDetails) continue;
      const { name } = stateExitedEventDetails;
      samples[name] ??= [];
      samples[name].push((timestamp - enteredAt[name]!) * 1000);
    }
  }
  return Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, Math.round(percentile(values, 0.5))]),
  );
}
