import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../../support/interpreter-driver.ts';

const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const map = (state: object, fields: object = {}, QueryLanguage = 'JSONata') => ({
  QueryLanguage,
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'One', States: { One: { End: true, ...state } } },
      Next: 'Done',
      ...fields,
    },
    Done: { Type: 'Pass', End: true },
  },
});

describe('a Map state', () => {
  it('logs every iteration, one after the other with MaxConcurrency 1', async () => {
    const definition = map({ Type: 'Pass' }, { MaxConcurrency: 1 });
    expect((await drive({ definition, input: [1, 2] })).lines.slice(1, 13)).toEqual([
      '2<0 MapStateEntered',
      '3<2 MapStateStarted',
      '4<3 MapIterationStarted',
      '5<4 PassStateEntered',
      '6<5 PassStateExited',
      '7<6 MapIterationSucceeded',
      '8<6 MapIterationStarted',
      '9<8 PassStateEntered',
      '10<9 PassStateExited',
      '11<10 MapIterationSucceeded',
      '12<11 MapStateSucceeded',
      '13<11 MapStateExited',
    ]);
  });

  it('starts everything at once without MaxConcurrency, and keeps the results in order', async () => {
    const definition = map(task);
    const driver = await drive({
      definition,
      input: [30, 20, 10],
      tasks: ({ parameters }) => ({ afterMs: Number(parameters), resultText: parameters }),
    });
    expect(driver.types.slice(3, 6)).toEqual(Array(3).fill('MapIterationStarted'));
    expect(driver.output).toEqual([30, 20, 10]);
    expect((driver.execution.stoppedAt ?? 0) - driver.execution.startedAt).toBe(30);
  });

  it('never runs more than MaxConcurrency at a time', async () => {
    const driver = new InterpreterDriver({
      definition: map(task, { MaxConcurrency: '{% 2 %}' }),
      input: [1, 2, 3, 4, 5],
      tasks: () => ({ afterMs: 1000, result: 1 }),
    });
    for (const running of [2, 2, 1]) {
      await driver.runFor(driver.execution.lastEventId === 0 ? 500 : 1000);
      expect(driver.outstanding.tasks).toHaveLength(running);
    }
    await driver.run();
    expect(driver.output).toEqual([1, 1, 1, 1, 1]);
  });

  it('shows ItemSelector and the iteration their item', async () => {
    const definition = map(
      { Type: 'Pass', Output: '{% $merge([$states.input, {"again": $states.context.Map.Item.Index}]) %}' },
      {
        Items: '{% $states.input.lines %}',
        ItemSelector: { sku: '{% $states.context.Map.Item.Value.sku %}', order: '{% $states.input.id %}' },
      },
    );
    const { output } = await drive({ definition, input: { id: 7, lines: [{ sku: 'a' }, { sku: 'b' }] } });
    expect(output).toEqual([
      { sku: 'a', order: 7, again: 0 },
      { sku: 'b', order: 7, again: 1 },
    ]);
  });

  it('speaks JSONPath too, Parameters and Iterator included', async () => {
    const definition = {
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          ItemsPath: '$.lines',
          Parameters: { 'i.$': '$$.Map.Item.Index', 'of.$': '$.id' },
          Iterator: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
          ResultSelector: { 'first.$': '$[0]' },
          ResultPath: '$.result',
          End: true,
        },
      },
    };
    const { output } = await drive({ definition, input: { id: 7, lines: ['x', 'y'] } });
    expect(output).toEqual({ id: 7, lines: ['x', 'y'], result: { first: { i: 0, of: 7 } } });
  });

  it('has nothing to do for an empty array', async () => {
    const driver = await drive({ definition: map({ Type: 'Pass' }), input: [] });
    expect(driver.lines.slice(2, 5)).toEqual(['3<2 MapStateStarted', '4<3 MapStateSucceeded', '5<3 MapStateExited']);
    expect(driver.output).toEqual([]);
  });

  it('fails with the iteration that fails, and gives up the others', async () => {
    const definition = map(task, { Catch: [{ ErrorEquals: ['Boom'], Next: 'Done' }] });
    const driver = await drive({
      definition,
      input: [1, 2],
      tasks: ({ parameters }) => (parameters === '2' ? { afterMs: 1, error: 'Boom' } : []),
    });
    expect(driver.types.slice(9)).toEqual([
      ...['TaskStarted', 'TaskFailed', 'TaskStateAborted', 'MapIterationFailed', 'TaskStateAborted'],
      ...['MapIterationAborted', 'MapStateFailed', 'MapStateExited', 'PassStateEntered', 'PassStateExited'],
      'ExecutionSucceeded',
    ]);
  });

  it('is retried as a whole', async () => {
    let calls = 0;
    const definition = map(task, { MaxConcurrency: 1, Retry: [{ ErrorEquals: ['Boom'] }] });
    const tasks = () => (++calls === 2 ? { error: 'Boom' } : { result: calls });
    const driver = await drive({ definition, input: ['a', 'b'], tasks });
    expect(driver.output).toEqual([3, 4]);
    expect(driver.types).not.toContain('MapStateFailed');
  });

  it.each([5, 'x', null, { a: 1 }])('refuses to go through %j', async (input) => {
    const driver = await drive({ definition: map({ Type: 'Pass' }), input });
    expect(driver.lines.slice(1)).toEqual([
      '2<0 MapStateEntered',
      '3<0 EvaluationFailed',
      '4<3 MapStateFailed',
      '5<4 ExecutionFailed',
    ]);
    expect(driver.execution.cause).toContain(`Map state input must be an array but was: ${JSON.stringify(input)}`);
  });
});
