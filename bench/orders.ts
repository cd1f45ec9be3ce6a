/** Orders from POST to completed, answered at once. */
import { mailContext } from '../examples/local-front-door.ts';
import { startLocalRuntime } from '../examples/local-runtime.ts';
import { openOrderDriver } from './order-driver.ts';
import { inParallel, percentile } from './statistics.ts';

export interface OrdersResult {
  /** From the command line to the first accepted order, synthesis included. */
  startUpToFirstAcceptedOrderMs: number;
  memoryMbIdle: number;
  memoryMbLoaded: number;
  ordersPerSecondWith1InFlight: number;
  ordersPerSecondWith64InFlight: number;
  p50MsWith1InFlight: number;
  p99MsWith1InFlight: number;
}

export async function measureOrders({ single = 100, parallel = 500 } = {}): Promise<OrdersResult> {
  await using runtime = await startLocalRuntime({ context: mailContext });
  using driver = await openOrderDriver(runtime);
  const { acceptedMs } = await driver.fulfil(10);
  const startUpToFirstAcceptedOrderMs = runtime.startUpMs + acceptedMs;
  const memoryMbIdle = await runtime.memoryMb();

  const singles: number[] = [];
  const singlesStartedAt = performance.now();
  await inParallel(single, 1, async () => void singles.push((await driver.fulfil(5)).completedMs));
  const singleSeconds = (performance.now() - singlesStartedAt) / 1000;

  const parallelStartedAt = performance.now();
  await inParallel(parallel, 64, async () => void (await driver.fulfil(100)));
  const parallelSeconds = (performance.now() - parallelStartedAt) / 1000;
  return {
    startUpToFirstAcceptedOrderMs,
    memoryMbIdle,
    memoryMbLoaded: await runtime.memoryMb(),
    ordersPerSecondWith1InFlight: single / singleSeconds,
    ordersPerSecondWith64InFlight: parallel / parallelSeconds,
    p50MsWith1InFlight: percentile(singles, 0.5),
    p99MsWith1InFlight: percentile(singles, 0.99),
  };
}
