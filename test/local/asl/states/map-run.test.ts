import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../../support/interpreter-driver.ts';

const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };
const distributed = (state: object, fields: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'One', States: { One: state } },
      Next: 'Done',
      ...fields,
    },
    Done: { Type: 'Pass', End: true },
  },
});
const failsFor = (bad: number[]) => (item: { parameters: string }) =>
  bad.includes(Number(item.parameters)) ? { error: 'Boom', cause: 'b' } : { resultText: item.parameters };

describe('a distributed Map state', () => {
  it('shows the map run, but nothing of what its children do', async () => {
    const driver = await drive({ definition: distributed(task, { Label: 'orders' }), input: [1, 2] });
    expect(driver.lines.slice(1, 7)).toEqual([
      '2<0 MapStateEntered',
      '3<2 MapStateStarted',
      '4<3 MapRunStarted',
      '5<4 MapRunSucceeded',
      '6<5 MapStateSucceeded',
      '7<5 MapStateExited',
    ]);
    expect(driver.details('MapRunStarted')[0]?.mapRunArn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:mapRun:machine-1\/orders:[0-9a-f-]{36}$/,
    );
    expect(driver.output).toEqual([1, 2]);
  });

  it('runs every child as an execution of its own, with its own context and without the variables around it', async () => {
    const seen = {
      Type: 'Pass',
      Output: "{% [$states.context.Execution.Input, $exists($outer) ? 'seen' : 'not seen'] %}",
      End: true,
    };
    const definition = distributed(seen);
    Object.assign(definition, { StartAt: 'Set' });
    Object.assign(definition.States, { Set: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Each' } });
    expect((await drive({ definition, input: ['a'] })).output).toEqual([['a', 'not seen']]);
  });

  it('retries, waits and times out inside its children', async () => {
    let calls = 0;
    const retrying = { ...task, TimeoutSeconds: 10, Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 5 }] };
    const driver = await drive({
      definition: distributed(retrying),
      input: [7],
      tasks: () => (calls++ === 0 ? [] : { result: 'second' }),
    });
    expect(driver.output).toEqual(['second']);
    expect((driver.execution.stoppedAt ?? 0) - driver.execution.startedAt).toBe(15_000);
  });

  it('hands out tokens and ids that lead back to the child', async () => {
    const callback = { ...task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' };
    const driver = new InterpreterDriver({
      definition: distributed(callback, { MaxConcurrency: 1 }),
      input: [1, 2],
      tasks: () => [{ started: true }, { submitted: {} }],
    });
    for (const answer of ['"first"', '"second"']) {
      await driver.runFor(1000);
      const [open, ...others] = driver.outstanding.tasks;
      expect(others).toEqual([]);
      expect(open?.taskToken).toBe(`token of ${open?.taskId}`);
      await driver.signal({ type: 'taskSucceeded', taskId: open?.taskId ?? '', output: answer });
      expect(await driver.signal({ type: 'taskSucceeded', taskId: open?.taskId ?? '', output: answer })).toEqual([]);
    }
    expect(driver.output).toEqual(['first', 'second']);
  });

  it('fails with the first child that fails', async () => {
    const driver = await drive({ definition: distributed(task), input: [1, 2, 3], tasks: failsFor([2]) });
    expect(driver.types.slice(3)).toEqual(['MapRunStarted', 'MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
    expect(driver.execution.error).toBe('States.ExceedToleratedFailureThreshold');
    expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
  });

  it.each([
    [{ ToleratedFailureCount: 1 }, [1], 'SUCCEEDED'],
    [{ ToleratedFailureCount: '{% 1 %}' }, [1, 2], 'FAILED'],
    [{ ToleratedFailurePercentage: 50 }, [1, 2], 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 50 }, [1, 2, 3], 'FAILED'],
    [{ ToleratedFailurePercentage: 50, ToleratedFailureCount: 1 }, [1, 2], 'FAILED'],
  ])('with %j and failures of %j it has %s', async (fields, bad, status) => {
    const driver = await drive({ definition: distributed(task, fields), input: [1, 2, 3, 4], tasks: failsFor(bad) });
    expect(driver.execution.status).toBe(status);
  });

  it('leaves the error of a tolerated child in place of its result', async () => {
    const definition = distributed(task, { ToleratedFailureCount: 1 });
    const { output } = await drive({ definition, input: [1, 2], tasks: failsFor([1]) });
    expect(output).toEqual([{ Error: 'Boom', Cause: 'b' }, 2]);
  });

  it('can hold another one', async () => {
    const inner = distributed({ ...task, Resource: 'arn:aws:states:::lambda:invoke' }).States.Each;
    const { Next: _, ...nested } = inner;
    nested.ItemProcessor = { ...inner.ItemProcessor, StartAt: 'Two', States: { Two: task } } as never;
    const driver = await drive({ definition: distributed({ ...nested, End: true }), input: [[1, 2], [3]] });
    expect(driver.output).toEqual([[1, 2], [3]]);
    expect(driver.execution.lastEventId).toBe(10);
  });
});
