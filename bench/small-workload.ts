/**
 * The workload that durable-execution systems are compared by: five trivial Lambda steps and two waits for a task token
 * which a driver answers at once. Every transition is in the durable journal before anyone hears of it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { localClient } from '../examples/local-front-door.ts';
import { startLocalRuntime } from '../examples/local-runtime.ts';
import { inParallel, percentile } from './statistics.ts';

export interface SmallWorkloadResult {
  workflowsPerSecondWith64InFlight: number;
  p50MsWith1InFlight: number;
  p99MsWith1InFlight: number;
  startUpMs: number;
  memoryMb: number;
}

export async function measureSmallWorkload({ single = 200, parallel = 2000 } = {}): Promise<SmallWorkloadResult> {
  await using runtime = await startLocalRuntime({ app: 'node bench/small-workload/app.ts' });
  const sfn = new SFNClient(localClient(runtime.awsEndpoint));
  const answers: Promise<unknown>[] = [];
  const driver = createServer((request, response) => {
    let taskToken = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      taskToken += chunk;
    });
    request.on('end', () => {
      response.end();
      answers.push(sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{}' })));
    });
  });
  await new Promise<void>((resolve) => driver.listen(0, '127.0.0.1', resolve));
  const input = JSON.stringify({ driverUrl: `http://127.0.0.1:${(driver.address() as AddressInfo).port}/` });
  const stateMachineArn = runtime.outputs.MachineArn!;

  /** Milliseconds from StartExecution to the answer of DescribeExecution that says SUCCEEDED. */
  const runOne = async (pollMs: number): Promise<number> => {
    const startedAt = performance.now();
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    for (;;) {
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status === 'SUCCEEDED') return performance.now() - startedAt;
      if (status !== 'RUNNING') throw new Error(`${executionArn} ended as ${status}`);
      await delay(pollMs);
    }
  };

  try {
    await inParallel(64, 64, async () => void (await runOne(50)));
    const singles: number[] = [];
    await inParallel(single, 1, async () => void singles.push(await runOne(2)));
    const startedAt = performance.now();
    await inParallel(parallel, 64, async () => void (await runOne(100)));
    const seconds = (performance.now() - startedAt) / 1000;
    await Promise.all(answers);
    return {
      workflowsPerSecondWith64InFlight: parallel / seconds,
      p50MsWith1InFlight: percentile(singles, 0.5),
      p99MsWith1InFlight: percentile(singles, 0.99),
      startUpMs: runtime.startUpMs,
      memoryMb: await runtime.memoryMb(),
    };
  } finally {
    driver.close();
    sfn.destroy();
  }
}
