import { describe, expect, it } from 'vitest';
import type { Origin, Planner } from '../../../operations/migrate/plan.ts';
import { planRestart } from '../../../operations/migrate/restart.ts';
import type { Standing } from '../../../operations/migrate/standing.ts';
import type { MachineVersion } from '../../../operations/versions/read-versions.ts';

const machine = 'arn:aws:states:us-east-1:1:stateMachine:p';
const execution: Origin = {
  executionArn: 'arn:aws:states:us-east-1:1:execution:p:ord_1',
  versionArn: `${machine}:1`,
  startTime: '2030-01-01T00:00:00.000Z',
};
const to: MachineVersion = {
  arn: `${machine}:2`,
  machine: 'main',
  number: 2,
  publishedAt: new Date(0),
  definition: '{"StartAt":"A"}',
};
const wait = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' };
const planner: Planner = {
  definitionOf: async () => ({ StartAt: 'A', States: { A: { Type: 'Task' }, Await: wait } }),
  resume: async (_execution, _standing, _to, place) => ({
    versionArn: `${machine}-resume:2`,
    text: '{}',
    input: { resumeAt: place!.state, resumedFrom: { state: place!.state } } as never,
  }),
  check: () => expect.fail(),
  resumeAnyway: () => expect.fail(),
};
const stood = (state: string, more: Partial<Standing> = {}): Standing => ({
  status: 'FAILED',
  started: { input: '{"orderId":"ord_1"}' },
  entered: { state, type: 'Task', input: '{}', variables: {} },
  ...more,
});

describe('planning the restart of a failed order', () => {
  it('goes on where it gave up', async () => {
    const planned = await planRestart(planner, execution, stood('A'), to);
    expect(planned).toEqual({ versionArn: `${machine}-resume:2`, text: '{}', from: 'A', to: 'A' });
  });

  it('refuses one that was redriven since it was seen: it would run twice', async () => {
    await expect(planRestart(planner, execution, stood('A', { status: 'RUNNING' }), to)).rejects.toThrow(
      'by its history ord_1 is RUNNING, and did not fail: run the command again.',
    );
  });

  const answered = { state: 'Await', type: 'Task', input: '{}', variables: {}, failure: 'WaitExpired' };

  it('begins anew where a wait was answered with the error that ended it', async () => {
    const planned = await planRestart(planner, execution, stood('Await', { entered: answered }), to);
    expect(planned).toMatchObject({ versionArn: `${machine}:2`, text: '{"orderId":"ord_1"}', to: 'A' });
  });

  it('goes on in the wait where a command stopped it to move it, as that command would have it', async () => {
    const moved = stood('Await', { status: 'ABORTED', error: 'Migrated', entered: answered });
    expect(await planRestart(planner, execution, moved, to)).toMatchObject({ from: 'Await', to: 'Await' });
  });
});
