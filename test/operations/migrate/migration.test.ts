import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CannotGoOn } from '../../../operations/cannot-go-on.ts';
import { finishMigration, type MigrationPorts, startOnce } from '../../../operations/migrate/migration.ts';
import type { MigrationRecord } from '../../../operations/migrate/record.ts';

const sfn = mockClient(SFNClient);
const client = sfn as unknown as SFNClient;
beforeEach(() => sfn.reset());
// Other files use the client in the same process.
afterAll(() => sfn.restore());

const machine = 'arn:aws:states:us-east-1:1:stateMachine:p';
const execution = (name: string, kind = 'p') => `arn:aws:states:us-east-1:1:execution:${kind}:${name}`;
const from = execution('ord_1');
const next = { versionArn: `${machine}-resume:2`, name: 'ord_1-2', text: '{}', from };
const about = { message: 'of the service', $metadata: {} };
const resumed = (executionArn: string) => ({
  input: JSON.stringify({ resumedFrom: { executionArn, state: 'A' } }),
  startDate: new Date(0),
  status: 'RUNNING' as const,
});

describe('starting the execution in which an order goes on', () => {
  beforeEach(() => {
    sfn.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists(about));
  });

  it('finds that it was started before', async () => {
    sfn.on(DescribeExecutionCommand).resolves(resumed(from));
    expect(await startOnce(client, next)).toBe(execution('ord_1-2', 'p-resume'));
  });

  it('says so if its name was taken by hand', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ ...resumed(from), input: '{"orderId":"ord_1"}' });
    await expect(startOnce(client, next)).rejects.toThrow('started by hand');
  });

  it('sends nobody to start the order once more while the execution cannot be read yet', async () => {
    sfn.on(DescribeExecutionCommand).rejects(new ExecutionDoesNotExist(about));
    const refusal = await startOnce(client, next).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(CannotGoOn);
    expect((refusal as Error).message).toBe(
      'ord_1-2 was started before and cannot be read yet. Run the command again.',
    );
  });
});

describe('a move that an earlier run has begun', () => {
  const record: MigrationRecord = {
    kind: 'move',
    by: 'ada@laptop',
    orderId: 'ord_1',
    from,
    fromVersion: `${machine}:1`,
    toVersion: `${machine}:2`,
    name: 'ord_1-2',
    plannedAt: '2030-01-01T00:00:00.000Z',
  };
  let removed = 0;
  const started: string[] = [];
  const ports = (next: MigrationPorts['next']): MigrationPorts => ({
    sfn: client,
    records: { remove: async () => void removed++ },
    next,
    startedOn: async (versionArn) => void started.push(versionArn),
  });
  const possible = async () => ({ versionArn: `${machine}-resume:2`, text: '{}', from: 'A', to: 'B' });
  const impossible = async () => {
    throw new CannotGoOn('it was to go on in a version which was deleted');
  };
  const exist = (executions: Record<string, object>) =>
    sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const found = executions[executionArn];
      if (!found) throw new ExecutionDoesNotExist(about);
      return { ...resumed(from), ...found };
    });

  beforeEach(() => {
    removed = 0;
    started.length = 0;
    sfn.on(GetExecutionHistoryCommand).resolves({
      events: [
        { type: 'ExecutionStarted', executionStartedEventDetails: { input: '{}' } },
        { type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'A', input: '{}' } },
        { type: 'ExecutionAborted', executionAbortedEventDetails: { error: 'Migrated' } },
      ] as object[] as HistoryEvent[],
    });
    sfn.on(StartExecutionCommand).resolves({ executionArn: execution('ord_1-2', 'p-resume'), startDate: new Date(0) });
  });

  it('is done where nothing goes on for the order', async () => {
    exist({ [from]: {} });
    const outcome = await finishMigration(record, ports(possible));
    expect(outcome).toEqual({ kind: 'moved', executionArn: execution('ord_1-2', 'p-resume'), from: 'A', to: 'B' });
    expect({ removed, started }).toEqual({ removed: 1, started: [`${machine}-resume:2`] });
  });

  it('is over if the order was started again by hand meanwhile: it would run twice', async () => {
    exist({ [from]: {}, [execution('ord_1-2')]: { input: '{"orderId":"ord_1"}' } });
    const outcome = await finishMigration(record, ports(possible));
    expect(outcome).toMatchObject({ kind: 'moved', executionArn: execution('ord_1-2'), to: 'its start' });
    expect(sfn.commandCalls(StartExecutionCommand)).toHaveLength(0);
    expect(removed).toBe(1);
  });

  it('stops the old execution again, if a console had it go on after it was stopped', async () => {
    let asked = 0;
    sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      if (executionArn !== from) throw new ExecutionDoesNotExist(about);
      // The first look is before the other execution is started.
      return asked++ === 0 ? { ...resumed(from), status: 'ABORTED' } : { ...resumed(from), redriveCount: 1 };
    });
    const outcome = await finishMigration(record, ports(possible));
    expect(outcome).toMatchObject({ kind: 'moved', revived: true });
    expect(sfn.commandCalls(StopExecutionCommand).map(({ args }) => args[0].input)).toEqual([
      { executionArn: from, error: 'Migrated', cause: execution('ord_1-2', 'p-resume') },
    ]);
  });

  it('keeps its record until the execution of a restart can be read: whoever comes next would redrive the old one', async () => {
    const asked: string[] = [];
    sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      asked.push(executionArn);
      const isNext = executionArn === execution('ord_1-2', 'p-resume');
      // Once before it is started, and twice after that.
      if (executionArn === from) return { ...resumed(from), status: 'ABORTED' };
      if (!isNext || asked.filter((arn) => arn === executionArn).length < 4) throw new ExecutionDoesNotExist(about);
      expect(removed).toBe(0);
      return resumed(from);
    });
    expect(await finishMigration({ ...record, kind: 'restart' }, ports(possible))).toMatchObject({ kind: 'moved' });
    expect(asked.filter((arn) => arn === execution('ord_1-2', 'p-resume'))).toHaveLength(4);
    expect(removed).toBe(1);
  });

  it('is over if a person started whatever under the name on the machine of resumed orders', async () => {
    exist({ [from]: {}, [execution('ord_1-2', 'p-resume')]: { input: '{"orderId":"ord_1"}' } });
    expect(await finishMigration(record, ports(impossible))).toMatchObject({ kind: 'moved', to: 'its start' });
    expect(removed).toBe(1);
  });

  it('is over if the order was restarted meanwhile, although the record itself leads nowhere', async () => {
    exist({ [from]: {}, [execution('ord_1-2', 'p-resume')]: {} });
    const outcome = await finishMigration(record, ports(impossible));
    expect(outcome).toMatchObject({ kind: 'moved', executionArn: execution('ord_1-2', 'p-resume') });
    expect(removed).toBe(1);
  });

  it('stays if it leads nowhere and nothing goes on', async () => {
    exist({ [from]: {} });
    await expect(finishMigration(record, ports(impossible))).rejects.toThrow('which was deleted');
    expect(removed).toBe(0);
  });
});
