import { type ExecutionStatus, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { countExecutions, writtenCount } from '../../../operations/versions/count-executions.ts';

const sfn = mockClient(SFNClient);
const client = sfn as unknown as SFNClient;
beforeEach(() => sfn.reset());
// Other files use the client in the same process.
afterAll(() => sfn.restore());

const page = (count: number, status: ExecutionStatus, more: { nextToken?: string; stopDate?: Date } = {}) => ({
  executions: Array.from({ length: count }, () => ({
    executionArn: 'execution',
    stateMachineArn: 'machine',
    name: 'name',
    status,
    startDate: new Date(0),
    ...(more.stopDate && { stopDate: more.stopDate }),
  })),
  ...(more.nextToken && { nextToken: more.nextToken }),
});

describe('counting executions of a version', () => {
  const open = { stateMachineArn: 'machine:3', statuses: ['RUNNING'] } as const;

  it('adds up all pages', async () => {
    sfn
      .on(ListExecutionsCommand, { stateMachineArn: 'machine:3', statusFilter: 'RUNNING' })
      .resolvesOnce(page(600, 'RUNNING', { nextToken: 'second' }))
      .resolvesOnce(page(17, 'RUNNING'));
    expect(writtenCount(await countExecutions(client, open))).toBe('617');
    expect(sfn.commandCalls(ListExecutionsCommand)[1]!.args[0].input.nextToken).toBe('second');
  });

  it('stops at a thousand, and says that there are more only if there are', async () => {
    sfn.on(ListExecutionsCommand).resolves(page(1000, 'RUNNING', { nextToken: 'next' }));
    expect(writtenCount(await countExecutions(client, open))).toBe('1,000+');
    expect(sfn.commandCalls(ListExecutionsCommand)).toHaveLength(2);
    sfn.reset();
    sfn.on(ListExecutionsCommand).resolves(page(1000, 'RUNNING'));
    expect(writtenCount(await countExecutions(client, open))).toBe('1,000');
  });

  it('counts those alone that ended late enough, wherever they stand in the list', async () => {
    sfn
      .on(ListExecutionsCommand, { statusFilter: 'FAILED' })
      .resolvesOnce(page(3, 'FAILED', { stopDate: new Date(10), nextToken: 'second' }))
      .resolvesOnce(page(2, 'FAILED', { stopDate: new Date(20) }));
    sfn.on(ListExecutionsCommand, { statusFilter: 'ABORTED' }).resolves(page(1, 'ABORTED', { stopDate: new Date(30) }));
    const request = { stateMachineArn: 'machine:3', statuses: ['FAILED', 'ABORTED'], endedSince: 20 } as const;
    expect(await countExecutions(client, request)).toEqual({ count: 3, more: false });
  });
});
