import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CannotGoOn } from '../../../operations/cannot-go-on.ts';
import { startOnce } from '../../../operations/migrate/migration.ts';

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
