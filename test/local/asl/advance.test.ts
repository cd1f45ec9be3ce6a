import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../support/interpreter-driver.ts';

const wait = { Type: 'Wait', Seconds: 60, End: true };
const one = (state: object, top: object = {}) => ({ StartAt: 'S', States: { S: state }, ...top });

describe('advance', () => {
  it('runs a chain of states in one call', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `S${index}`);
    const States = Object.fromEntries(
      names.map((name, index) => [name, { Type: 'Pass', ...(index < 99 ? { Next: `S${index + 1}` } : { End: true }) }]),
    );
    const driver = new InterpreterDriver({ definition: { StartAt: 'S0', States } });
    expect(await driver.signal({ type: 'start' })).toHaveLength(202);
    expect(driver.execution.status).toBe('SUCCEEDED');
  });

  it('starts an execution only once', async () => {
    const driver = new InterpreterDriver({ definition: one(wait) });
    await driver.signal({ type: 'start' });
    expect(await driver.signal({ type: 'start' })).toEqual([]);
  });

  it('stops on request', async () => {
    const driver = new InterpreterDriver({ definition: one(wait) });
    await driver.runFor(1000);
    await driver.signal({ type: 'stop', error: 'Enough', cause: 'asked to' });
    expect(driver.execution).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'asked to' });
    expect(driver.lines.at(-1)).toBe('3<0 ExecutionAborted');
    expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
  });

  it('ends an execution whose own TimeoutSeconds went by', async () => {
    const { execution } = await drive({ definition: one(wait, { TimeoutSeconds: 5 }) });
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stoppedAt: execution.startedAt + 5000 });
  });

  it('gives an Express execution five minutes', async () => {
    const { execution } = await drive({ definition: one({ ...wait, Seconds: 3600 }), type: 'EXPRESS' });
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stoppedAt: execution.startedAt + 300_000 });
  });

  it('ends an execution that runs in circles when its history is full', async () => {
    const definition = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } } };
    const driver = await drive({ definition });
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime', lastEventId: 25_000 });
  });

  it('says which version and alias an execution was started through', async () => {
    const driver = new InterpreterDriver({ definition: one(wait) });
    Object.assign(driver.execution, { stateMachineVersionArn: 'arn:1', stateMachineAliasArn: 'arn:live' });
    await driver.signal({ type: 'start' });
    expect(driver.details('ExecutionStarted')).toEqual([
      {
        input: '{}',
        inputDetails: { truncated: false },
        roleArn: 'arn:aws:iam::000000000000:role/role-1',
        stateMachineAliasArn: 'arn:live',
        stateMachineVersionArn: 'arn:1',
      },
    ]);
  });

  it('takes no notice of anything once the execution has ended', async () => {
    const driver = await drive({ definition: one({ Type: 'Succeed' }) });
    expect(await driver.signal({ type: 'stop' })).toEqual([]);
  });
});
