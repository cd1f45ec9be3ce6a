import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../../support/interpreter-driver.ts';

const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: { End: true, ...state } } });
const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const parallel = (Branches: object[], fields: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Both',
  States: { Both: { Type: 'Parallel', Branches, End: true, ...fields }, Caught: { Type: 'Pass', End: true } },
});
const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] };

describe('a Parallel state', () => {
  it('gives the results in the order of its branches, each as it was written', async () => {
    const definition = parallel([branch('A', task), branch('B', { Type: 'Pass' })], caught);
    const driver = await drive({ definition, inputText: '[1,  2]', tasks: () => ({ afterMs: 5, result: { a: 1 } }) });
    expect(driver.execution.output).toBe('[{"a":1},[1,  2]]');
  });

  it('chains each branch to its start, and its exit to the last event of the last branch', async () => {
    const definition = parallel([branch('A', { Type: 'Pass' }), branch('B', { Type: 'Pass' })], caught);
    expect((await drive({ definition })).lines.slice(2)).toEqual([
      '3<2 ParallelStateStarted',
      '4<3 PassStateEntered',
      '5<4 PassStateExited',
      '6<3 PassStateEntered',
      '7<6 PassStateExited',
      '8<7 ParallelStateSucceeded',
      '9<7 ParallelStateExited',
      '10<9 ExecutionSucceeded',
    ]);
  });

  it('gives its Arguments to every branch and lets no variable out', async () => {
    const inner = { Type: 'Pass', Assign: { inner: 1 }, Output: '{% $states.input & $outer %}' };
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { outer: '!' }, Next: 'Both' },
        Both: { Type: 'Parallel', Arguments: 'hi', Branches: [branch('A', inner)], Next: 'After' },
        After: { Type: 'Pass', Output: "{% [$states.input, $exists($inner) ? 'leaked' : 'gone'] %}", End: true },
      },
    };
    expect((await drive({ definition })).output).toEqual(['hi!', 'gone']);
  });

  it('gives up the other branches when one fails', async () => {
    const definition = parallel([branch('A', { ...task }), branch('B', { Type: 'Wait', Seconds: 60 })], caught);
    const driver = await drive({ definition, tasks: () => ({ afterMs: 5, error: 'Boom' }) });
    expect(driver.types.slice(7)).toEqual([
      'TaskFailed',
      'TaskStateAborted',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ParallelStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(driver.output).toEqual({ Error: 'Boom', Cause: null });
  });

  it('starts all its branches anew for a retry, chained to the failure', async () => {
    let attempts = 0;
    const definition = parallel([branch('A', task)], { Retry: [{ ErrorEquals: ['Boom'] }], ...caught });
    const driver = await drive({
      definition,
      tasks: () => (attempts++ === 0 ? { error: 'Boom' } : { result: 'fine' }),
    });
    expect(driver.output).toEqual(['fine']);
    expect(driver.types.filter((type) => type === 'ParallelStateStarted')).toHaveLength(2);
    expect(driver.types).not.toContain('ParallelStateFailed');
    expect(driver.lines).toContain('9<7 ParallelStateStarted');
  });

  it('forgets the timers and tasks of branches that were given up', async () => {
    const definition = parallel([branch('A', task), branch('B', { Type: 'Wait', Seconds: 60 })], caught);
    const driver = new InterpreterDriver({ definition, tasks: () => [] });
    await driver.runFor(1000);
    expect(driver.outstanding.tasks.map(({ frame }) => frame)).toEqual(['0']);
    expect(driver.outstanding.timers.map(({ timerId }) => timerId)).toEqual(['1/wait/6']);
    await driver.signal({ type: 'taskFailed', taskId: driver.outstanding.tasks[0]?.taskId ?? '' });
    expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
  });
});
