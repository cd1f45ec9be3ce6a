/** The small app on a runtime of its own, whose faults are set and read through the admin port, as a user would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { FaultReport } from '../../../local/faults/fault-book.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../../local/runtime.ts';
import { eventually } from '../eventually.ts';
import { smallApp } from '../small-app.ts';

export type SmallAppRuntime = Awaited<ReturnType<typeof startSmallApp>>;

export async function startSmallApp(
  options: Partial<RuntimeOptions> & { resources?: object } = {},
): Promise<AsyncDisposable & ReturnType<typeof driverOf>> {
  const { resources = {}, ...rest } = options;
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'waybill-state-'));
  const runtime = await startRuntime({ assemblyDir: smallApp({ resources }), stateDir, ...rest });
  return {
    ...driverOf(runtime),
    async [Symbol.asyncDispose]() {
      await runtime.stop();
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function driverOf(runtime: Runtime) {
  const client = {
    endpoint: runtime.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const sfn = new SFNClient(client);

  async function faults(method: string, body?: unknown) {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${runtime.awsEndpoint}/_local/faults`, init);
    return { status: response.status, body: (await response.json()) as FaultReport & { problems?: string[] } };
  }

  return {
    runtime,
    client,
    dynamodb: new DynamoDBClient(client),
    faults,
    /** Breaks by these rules from now on. */
    async break(...rules: object[]) {
      const { status, body } = await faults('PUT', { seed: 7, rules });
      if (status !== 200) throw new Error(JSON.stringify(body));
    },
    hits: async () => (await faults('GET')).body.hits.map(({ rule, call, nth }) => ({ rule, call, nth })),
    post: (id: string) => fetch(`${runtime.outputs.ApiUrl}/jobs/${id}`, { method: 'POST' }),
    arnOf: (id: string) =>
      runtime.outputs.MachineArn!.replace(':stateMachine:', ':execution:').replace(/(:live)?$/, `:${id}`),
    ended: (executionArn: string) =>
      eventually(async () => {
        const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return status === 'RUNNING' ? undefined : { status, error, cause, output: JSON.parse(output ?? 'null') };
      }),
    async history(executionArn: string): Promise<HistoryEvent[]> {
      const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      return events ?? [];
    },
    advance: (text: string) =>
      fetch(`${runtime.awsEndpoint}/_local/clock`, { method: 'POST', body: JSON.stringify({ advance: text }) }),
  };
}
