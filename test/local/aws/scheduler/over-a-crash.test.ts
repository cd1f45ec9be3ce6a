import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { clockOffset, openFacts } from '../../../../local/engine/facts.ts';
import { openJournal } from '../../../../local/engine/journal.ts';
import type { RuntimeFile } from '../../../../local/runtime-file.ts';
import { eventually } from '../../eventually.ts';
import { smallApp } from '../../small-app.ts';

const root = join(import.meta.dirname, '../../../..');

function emptyState(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

/** A runtime in a process of its own, and the clients of its services. */
async function start(assembly: string, stateDir: string) {
  const args = ['local/main.ts', '--assembly', assembly, '--state', stateDir, '--port', '0', '--quiet'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { awsEndpoint, outputs } = await eventually(async () => {
    if (child.exitCode !== null) throw new Error('The runtime ended.');
    try {
      const file = JSON.parse(readFileSync(join(stateDir, 'runtime.json'), 'utf8')) as RuntimeFile;
      return file.pid === child.pid ? file : undefined;
    } catch {
      return undefined;
    }
  });
  const client = {
    endpoint: awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const clock = async (init?: RequestInit) => (await fetch(`${awsEndpoint}/_local/clock`, init)).json();
  return {
    outputs,
    scheduler: new SchedulerClient(client),
    dynamodb: new DynamoDBClient(client),
    sfn: new SFNClient(client),
    sqs: new SQSClient(client),
    now: async () => Date.parse(((await clock()) as { now: string }).now),
    /** Resolves when everything that came of it has been done. */
    advance: (duration: string) => clock({ method: 'POST', body: JSON.stringify({ advance: duration }) }),
    async invocationsOfWork(): Promise<number> {
      const response = await fetch(`${awsEndpoint}/_local/metrics`);
      const { invocations } = (await response.json()) as { invocations: Record<string, number> };
      return invocations['Shop-Work'] ?? 0;
    },
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

const dayMs = 86_400_000;
const inDays = async ({ now }: { now(): Promise<number> }, days: number) =>
  `at(${new Date((await now()) + days * dayMs).toISOString().slice(0, 19)})`;
const arnOf = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;
const RoleArn = 'arn:aws:iam::000000000000:role/r';

test('reminders in three days reach function, queue and state machine, though the runtime was killed meanwhile', async () => {
  const stateDir = emptyState();
  const Sweep = {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'rate(1 day)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': ['Work', 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Input: '{"id":"sweep"}',
      },
    },
  };
  const Dead = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } };
  const assembly = smallApp({ resources: { Sweep, Dead } });
  const first = await start(assembly, stateDir);
  // The first sweep is at once.
  await eventually(async () => ((await first.invocationsOfWork()) === 1 ? true : undefined));
  const at = await inDays(first, 3);
  const create = (
    Name: string,
    Target: { Arn: string; Input: string; DeadLetterConfig?: object; RetryPolicy?: object },
  ) =>
    first.scheduler.send(
      new CreateScheduleCommand({
        Name,
        ScheduleExpression: at,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: { RoleArn, ...Target },
      }),
    );
  await create('function', {
    Arn: arnOf('lambda', 'function:Shop-Work'),
    Input: '{"id":"<aws.scheduler.schedule-arn>"}',
  });
  await create('queue', {
    Arn: arnOf('sqs', 'Shop-Queue'),
    Input: '{"id":"wait-q","token":"<aws.scheduler.attempt-number>"}',
  });
  await create('machine', { Arn: arnOf('states', 'stateMachine:Shop-Machine:live'), Input: '{"id":"wait-m"}' });
  await create('nobody', {
    Arn: arnOf('lambda', 'function:Shop-Nobody'),
    Input: '{}',
    DeadLetterConfig: { Arn: arnOf('sqs', 'dead') },
    RetryPolicy: { MaximumRetryAttempts: 2 },
  });
  await first.kill();

  const second = await start(assembly, stateDir);
  expect(second.outputs).toEqual(first.outputs);
  const before = await second.invocationsOfWork();
  await second.advance('3d1h');
  // The three sweeps of these days, the reminder, and the first step of the execution.
  expect((await second.invocationsOfWork()) - before).toBe(5);
  const { Item } = await second.dynamodb.send(
    new GetItemCommand({ TableName: second.outputs.TableName, Key: { id: { S: 'wait-q' } } }),
  );
  expect(Item?.token).toEqual({ S: '1' });
  const { executions } = await second.sfn.send(
    new ListExecutionsCommand({ stateMachineArn: second.outputs.MachineArn, statusFilter: 'RUNNING' }),
  );
  expect(executions).toMatchObject([{ name: expect.stringMatching(/^[0-9a-f]{16}$/) }]);
  const { Messages } = await second.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: second.outputs.QueueUrl!.replace('Shop-Queue', 'dead'),
      MessageAttributeNames: ['All'],
    }),
  );
  expect(Messages).toMatchObject([
    { Body: '{}', MessageAttributes: { ERROR_CODE: { StringValue: 'ResourceNotFoundException' } } },
  ]);
  const { Schedules } = await second.scheduler.send(new ListSchedulesCommand({}));
  expect(Schedules).toMatchObject([{ Name: 'Shop-Sweep' }]);
});

test('a reminder that was due while the runtime was down comes at the start', async () => {
  const stateDir = emptyState();
  const assembly = smallApp();
  const first = await start(assembly, stateDir);
  await first.scheduler.send(
    new CreateScheduleCommand({
      Name: 'function',
      ScheduleExpression: await inDays(first, 3),
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RoleArn, Arn: arnOf('lambda', 'function:Shop-Work'), Input: '{"id":"late"}' },
    }),
  );
  await first.kill();
  letTimePass(stateDir, 4 * dayMs);
  const second = await start(assembly, stateDir);
  await eventually(async () => ((await second.invocationsOfWork()) === 1 ? true : undefined));
});

/** While no runtime runs. */
function letTimePass(stateDir: string, ms: number): void {
  const journal = openJournal(stateDir);
  const offset = clockOffset(openFacts(journal));
  offset.save(offset.load() + ms);
  journal.close();
}
