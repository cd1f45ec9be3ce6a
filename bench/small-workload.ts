/**
 * The workload that durable-execution systems are compared by: five trivial Lambda steps and two waits for a task token
 * which a driver answers at once. Every transition is in the durable journal before anyone hears of it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLocalRuntime } from '../examples/local-runtime.ts';
import { inParallel, percentile, throughput } from './statistics.ts';
import { openStepFunctions } from './step-functions-client.ts';

export interface SmallWorkloadResult {
  workflowsPerSecondWith64InFlight: number;
  /** Of the runtime and its functions, the driver left out. */
  cpuMsPerWorkflow: number;
  p50MsWith1InFlight: number;
  p99MsWith1InFlight: number;
  startUpMs: number;
  memoryMb: number;
}

const waitsPerWorkflow = 2;

export async function measureSmallWorkload({ single = 200, seconds = 20 } = {}): Promise<SmallWorkloadResult> {
  await using runtime = await startLocalRuntime({ app: 'node bench/small-workload/app.ts' });
  using stepFunctions = openStepFunctions(runtime.awsEndpoint);
  const workflows = new Map<string, Workflow>();
  const workflowOf = (executionArn: string) => {
    const known = workflows.get(executionArn) ?? { answered: 0, ...Promise.withResolvers<void>() };
    workflows.set(executionArn, known);
    return known;
  };

  const answer = async (wait: Wait) => {
    const workflow = workflowOf(wait.executionArn);
    try {
      await stepFunctions.succeed(wait.taskToken, '{}');
      workflow.answered += 1;
      if (workflow.answered === waitsPerWorkflow) workflow.resolve();
    } catch (error) {
      workflow.reject(error);
    }
  };
  const driver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      response.end();
      void answer(JSON.parse(body));
    });
  });
  await new Promise<void>((resolve) => driver.listen(0, '127.0.0.1', resolve));
  const input = JSON.stringify({ driverUrl: `http://127.0.0.1:${(driver.address() as AddressInfo).port}/` });
  const stateMachineArn = runtime.outputs.MachineArn!;

  /** Milliseconds from StartExecution to the answer of DescribeExecution that says SUCCEEDED. Before the last wait nobody needs to ask. */
  const runOne = async (pollMs: number): Promise<number> => {
    const startedAt = performance.now();
    const executionArn = await stepFunctions.start(stateMachineArn, input);
    await workflowOf(executionArn).promise;
    await stepFunctions.succeeded(executionArn, pollMs);
    workflows.delete(executionArn);
    return performance.now() - startedAt;
  };

  try {
    const busy = await throughput({ inFlight: 64, warmUp: 1000, seconds }, runtime, () => runOne(20));
    const singles: number[] = [];
    await inParallel(single, 1, async () => void singles.push(await runOne(1)));
    return {
      workflowsPerSecondWith64InFlight: busy.perSecond,
      cpuMsPerWorkflow: busy.cpuMsEach,
      p50MsWith1InFlight: percentile(singles, 0.5),
      p99MsWith1InFlight: percentile(singles, 0.99),
      startUpMs: runtime.startUpMs,
      memoryMb: await runtime.memoryMb(),
    };
  } finally {
    driver.close();
  }
}

interface Wait {
  executionArn: string;
  taskToken: string;
}

/** The promise resolves when all its waits are answered. */
interface Workflow extends PromiseWithResolvers<void> {
  answered: number;
}
