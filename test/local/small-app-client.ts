import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { eventually } from './eventually.ts';

/** Where a runtime is reached, whether it runs in this process or in another one. */
export type Reached = Pick<Runtime, 'awsEndpoint' | 'outputs'>;

export function emptyState(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

/** Stopped at the end of the test at the latest. */
export async function started(stateDir: string, assemblyDir: string): Promise<Runtime> {
  const runtime = await startRuntime({ assemblyDir, stateDir });
  onTestFinished(() => runtime.stop());
  return runtime;
}

export const clientOf = ({ awsEndpoint: endpoint }: Reached) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

export async function startJob(runtime: Reached, id: string): Promise<string> {
  const response = await fetch(`${runtime.outputs.ApiUrl}/jobs/${id}`, { method: 'POST' });
  const { executionArn } = (await response.json()) as { executionArn: string };
  return executionArn;
}

/** How an execution ended. */
export const ended = (runtime: Reached, executionArn: string) =>
  eventually(async () => {
    const { status, output, error } = await new SFNClient(clientOf(runtime)).send(
      new DescribeExecutionCommand({ executionArn }),
    );
    return status === 'RUNNING' ? undefined : { status, output: JSON.parse(output ?? 'null'), error };
  });

/** The token with which a job waits, once it does. */
export const tokenOf = (runtime: Reached, id: string) =>
  eventually(async () => {
    const { Item } = await new DynamoDBClient(clientOf(runtime)).send(
      new GetItemCommand({ TableName: runtime.outputs.TableName, Key: { id: { S: id } } }),
    );
    return Item?.token?.S;
  });

/** A job that stands in its wait; its id begins with `wait-`. */
export async function waitingJob(runtime: Reached, id: string): Promise<string> {
  const executionArn = await startJob(runtime, id);
  await tokenOf(runtime, id);
  return executionArn;
}

/** Answers a waiting job and says how it ended. */
export async function answered(runtime: Reached, id: string, executionArn: string) {
  const taskToken = await tokenOf(runtime, id);
  await new SFNClient(clientOf(runtime)).send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
  return await ended(runtime, executionArn);
}
