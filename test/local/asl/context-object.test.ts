import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../support/interpreter-driver.ts';

const look = { Type: 'Pass', Parameters: { 'c.$': '$$' }, OutputPath: '$.c', End: true };
const machine = { StartAt: 'Look', States: { Look: look } };
const startedAt = Date.UTC(2030, 0, 1);

describe('the context object', () => {
  it('says who and when, and what the execution was given', async () => {
    expect((await drive({ definition: machine, input: { a: 1 }, startedAt })).output).toEqual({
      Execution: {
        Id: 'arn:aws:states:us-east-1:000000000000:execution:machine-1:run-1',
        Input: { a: 1 },
        Name: 'run-1',
        RedriveCount: 0,
        RoleArn: 'arn:aws:iam::000000000000:role/role-1',
        StartTime: '2030-01-01T00:00:00.000Z',
      },
      State: { EnteredTime: '2030-01-01T00:00:00.000Z', Name: 'Look' },
      StateMachine: {
        Id: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine-1',
        Name: 'machine-1',
      },
    });
  });

  it('has no RedriveCount in an Express execution, which cannot be redriven', async () => {
    const { output } = await drive({ definition: machine, type: 'EXPRESS' });
    expect((output as { Execution: object }).Execution).not.toHaveProperty('RedriveCount');
  });

  it('knows when the state was entered, not when the execution began', async () => {
    const definition = {
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 60, Next: 'Look' },
        Look: { ...look, OutputPath: '$.c.State.EnteredTime' },
      },
    };
    expect((await drive({ definition, startedAt })).output).toBe('2030-01-01T00:01:00.000Z');
  });

  it('has a token only where the task waits for an answer', async () => {
    const task = async (resource: string) => {
      const state = { Type: 'Task', Resource: resource, Parameters: { 'c.$': '$$' }, End: true };
      const driver = new InterpreterDriver({ definition: { StartAt: 'T', States: { T: state } }, tasks: () => [] });
      await driver.runFor(0);
      return JSON.parse(driver.outstanding.tasks[0]?.parameters ?? '').c.Task;
    };
    expect(await task('arn:aws:states:::lambda:invoke')).toBeUndefined();
    expect(await task('arn:aws:states:::lambda:invoke.waitForTaskToken')).toEqual({ Token: 'token of #3' });
    expect(await task('arn:aws:states:::states:startExecution.sync:2')).toEqual({ Token: 'token of #3' });
  });

  it('shows the item of the innermost Map around the state, through a Parallel too', async () => {
    const branch = { StartAt: 'B', States: { B: { ...look, OutputPath: '$.c.Map.Item' } } };
    const iteration = { StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [branch], End: true } } };
    const definition = { StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: iteration, End: true } } };
    expect((await drive({ definition, input: ['x', 'y'] })).output).toEqual([
      [{ Index: 0, Value: 'x' }],
      [{ Index: 1, Value: 'y' }],
    ]);
  });
});
