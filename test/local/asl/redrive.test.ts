import { describe, expect, it } from 'vitest';
import { evolve } from '../../../local/asl/execution.ts';
import { mapRunsIn } from '../../../local/asl/map-runs.ts';
import { InterpreterDriver, type TaskScript } from '../../support/interpreter-driver.ts';

const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };
const machine = (States: object, top: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(States)[0],
  States,
  ...top,
});
const sentence = { error: 'Boom', cause: 'b' };

/** Fails as long as `broken.now` holds for a task's parameters, else answers with them. */
function mendable(isBroken: (parameters: string) => boolean): { tasks: TaskScript; broken: { now: boolean } } {
  const broken = { now: true };
  return {
    broken,
    tasks: ({ parameters }) => (broken.now && isBroken(parameters) ? sentence : { resultText: parameters }),
  };
}

async function endedThenRedriven(definition: object, isBroken: (parameters: string) => boolean, input: unknown = {}) {
  const { tasks, broken } = mendable(isBroken);
  const driver = await new InterpreterDriver({ definition, tasks, input }).run();
  const before = driver.lines.length;
  broken.now = false;
  await driver.signal({ type: 'redrive' });
  await driver.run();
  return { driver, before: driver.lines.slice(0, before), after: driver.lines.slice(before) };
}

describe('redrive', () => {
  it('runs the Task that failed again, and nothing that succeeded, with the variables as they were', async () => {
    const definition = machine({
      First: { ...task, End: undefined, Arguments: 'first', Assign: { kept: '{% $states.result %}' }, Next: 'Second' },
      Second: { ...task, Arguments: "{% $kept & ' second' %}" },
    });
    const { driver, after } = await endedThenRedriven(definition, (parameters) => parameters.includes('second'));
    expect(after).toEqual([
      '12<11 ExecutionRedriven',
      '13<12 TaskScheduled',
      '14<13 TaskStarted',
      '15<14 TaskSucceeded',
      '16<15 TaskStateExited',
      '17<16 ExecutionSucceeded',
    ]);
    expect(driver.details('ExecutionRedriven')).toEqual([{ redriveCount: 1 }]);
    expect(driver.execution).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    expect(driver.execution.error).toBeUndefined();
    expect(driver.output).toBe('first second');
  });

  it('is the same execution after a replay of the journal, at every length of it', async () => {
    const branch = (name: string) => ({ StartAt: name, States: { [name]: { ...task, Arguments: name } } });
    const States = { P: { Type: 'Parallel', Branches: [branch('A'), branch('B')], End: true } };
    const { driver } = await endedThenRedriven(machine(States), (parameters) => parameters === '"B"');
    const folded = JSON.parse(JSON.stringify(driver.entries)).reduce(evolve, driver.fresh);
    expect(folded).toEqual(driver.execution);
  });

  it('gives all retries again, and all the time', async () => {
    const retrying = {
      ...task,
      TimeoutSeconds: 10,
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 1, BackoffRate: 1 }],
    };
    const driver = new InterpreterDriver({
      definition: machine({ S: retrying }, { TimeoutSeconds: 100 }),
      tasks: () => [],
    });
    await driver.run();
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await driver.runFor(500_000);
    const redrivenAt = driver.now;
    await driver.signal({ type: 'redrive' });
    expect(driver.outstanding.timers).toEqual(
      expect.arrayContaining([{ timerId: 'execution', dueAt: redrivenAt + 100_000 }]),
    );
    await driver.run();
    expect(driver.execution.stoppedAt).toBe(redrivenAt + 32_000);
    expect(driver.types.filter((type) => type === 'TaskTimedOut')).toHaveLength(6);
  });

  it('can be done again and again, and the context object tells of it', async () => {
    const definition = machine({
      S: {
        ...task,
        Arguments: '{% $states.context.Execution.($string(RedriveCount) & $substring(RedriveTime, 0, 4)) %}',
      },
    });
    const driver = await new InterpreterDriver({ definition, tasks: () => sentence }).run();
    for (const expected of ['"12030"', '"22030"']) {
      await driver.signal({ type: 'redrive' });
      expect(driver.outstanding.tasks.map(({ parameters }) => parameters)).toEqual([expected]);
      await driver.run();
    }
    expect(driver.execution).toMatchObject({ status: 'FAILED', redriveCount: 2 });
  });

  it('goes on with a callback under a new token; the old one no longer counts', async () => {
    const callback = { ...task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Arguments: {} };
    const driver = new InterpreterDriver({ definition: machine({ S: callback }), tasks: () => ({ submitted: {} }) });
    await driver.runFor(1000);
    const [first] = driver.outstanding.tasks;
    await driver.signal({ type: 'stop', error: 'Enough' });
    expect(driver.lines.at(-1)).toBe('6<0 ExecutionAborted');
    await driver.signal({ type: 'redrive' });
    expect(driver.lines.slice(6)).toEqual(['7<6 ExecutionRedriven', '8<7 TaskScheduled']);
    await driver.runFor(1000);
    expect(await driver.signal({ type: 'taskSucceeded', taskId: first!.taskId, output: '1' })).toEqual([]);
    const [second] = driver.outstanding.tasks;
    expect(second?.taskToken).not.toBe(first?.taskToken);
    await driver.signal({ type: 'taskSucceeded', taskId: second!.taskId, output: '2' });
    expect(driver.output).toBe(2);
  });

  it('waits anew for a number of seconds, and not at all for a time that is over', async () => {
    const waiting = async (wait: object) => {
      const driver = new InterpreterDriver({ definition: machine({ S: { Type: 'Wait', ...wait, End: true } }) });
      await driver.runFor(1000);
      await driver.signal({ type: 'stop' });
      await driver.runFor(3_600_000);
      await driver.signal({ type: 'redrive' });
      return driver;
    };
    const anew = await waiting({ Seconds: 60 });
    expect(anew.outstanding.timers.map(({ dueAt }) => dueAt - anew.now)).toEqual([60_000]);
    const over = await waiting({ Timestamp: '2030-01-01T00:30:00Z' });
    expect(over.execution.status).toBe('SUCCEEDED');
  });

  it('enters a Fail state anew and fails again', async () => {
    const driver = await new InterpreterDriver({
      definition: machine({ S: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'No' } }),
    }).run();
    await driver.signal({ type: 'redrive' });
    expect(driver.lines.slice(5)).toEqual(['6<5 ExecutionRedriven', '7<6 FailStateEntered', '8<7 ExecutionFailed']);
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'No', redriveCount: 1 });
  });

  it('lets a Choice decide again', async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% $millis() > 1893460000000 %}', Next: 'Done' }] };
    const definition = machine({ S: choice, Done: { Type: 'Succeed' } });
    const driver = await new InterpreterDriver({ definition }).run();
    expect(driver.execution.error).toBe('States.NoChoiceMatched');
    await driver.runFor(3_600_000 * 24);
    await driver.signal({ type: 'redrive' });
    expect(driver.lines.slice(3)).toEqual([
      '4<3 ExecutionRedriven',
      '5<4 ChoiceStateExited',
      '6<5 SucceedStateEntered',
      '7<6 SucceedStateExited',
      '8<7 ExecutionSucceeded',
    ]);
  });

  it('runs only the branches of a Parallel that did not succeed, at any depth', async () => {
    const step = (name: string) => ({ StartAt: name, States: { [name]: { ...task, Arguments: name } } });
    const inner = { Type: 'Parallel', Branches: [step('inner good'), step('inner bad')], End: true };
    const States = {
      P: {
        Type: 'Parallel',
        Branches: [step('good'), { StartAt: 'In', States: { In: inner } }, step('also good')],
        End: true,
      },
    };
    const { driver, after } = await endedThenRedriven(machine(States), (parameters) => parameters === '"inner bad"');
    expect(after.filter((line) => line.endsWith('TaskScheduled'))).toHaveLength(2); // the one that failed, one that was aborted
    expect(after.filter((line) => line.includes('Entered') || line.includes('StateStarted'))).toEqual([]);
    expect(driver.output).toEqual(['good', ['inner good', 'inner bad'], 'also good']);
  });

  it('runs a Parallel as a whole again if what its branches gave together was too much', async () => {
    const large = (name: string) => ({
      StartAt: name,
      States: {
        [name]: { ...task, Arguments: "{% $pad('', $states.context.Execution.RedriveCount = 0 ? 200000 : 5, 'x') %}" },
      },
    });
    const States = { P: { Type: 'Parallel', Branches: [large('A'), large('B')], End: true } };
    const { driver, before, after } = await endedThenRedriven(machine(States), () => false);
    expect(before.at(-1)).toContain('ExecutionFailed');
    expect(after.filter((line) => line.endsWith('TaskScheduled'))).toHaveLength(2);
    expect(driver.output).toEqual(['xxxxx', 'xxxxx']);
  });

  it('runs the iterations of a Map that failed, were aborted or had not begun', async () => {
    const States = {
      M: { Type: 'Map', MaxConcurrency: 2, ItemProcessor: { StartAt: 'One', States: { One: task } }, End: true },
    };
    const { driver, before, after } = await endedThenRedriven(machine(States), (item) => item === '3', [1, 2, 3, 4, 5]);
    expect(before.filter((line) => line.endsWith('MapIterationStarted'))).toHaveLength(4);
    expect(after.filter((line) => line.endsWith('MapIterationStarted'))).toHaveLength(1);
    expect(after.filter((line) => line.endsWith('TaskScheduled'))).toHaveLength(3);
    expect(driver.output).toEqual([1, 2, 3, 4, 5]);
  });

  it('goes on in a Parallel that was running when the execution was stopped', async () => {
    const step = (name: string) => ({ StartAt: name, States: { [name]: { ...task, Arguments: name } } });
    const definition = machine({ P: { Type: 'Parallel', Branches: [step('quick'), step('slow')], End: true } });
    const driver = new InterpreterDriver({
      definition,
      tasks: ({ parameters }) =>
        parameters === '"slow"' ? { afterMs: 5000, resultText: parameters } : { resultText: parameters },
    });
    await driver.runFor(1000);
    await driver.signal({ type: 'stop' });
    expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
    await driver.signal({ type: 'redrive' });
    expect(driver.outstanding.tasks.map(({ parameters }) => parameters)).toEqual(['"slow"']);
    await driver.run();
    expect(driver.output).toEqual(['quick', 'slow']);
  });

  it('leaves alone what has succeeded or has no room in its history', async () => {
    const done = await new InterpreterDriver({ definition: machine({ S: { Type: 'Succeed' } }) }).run();
    expect(await done.signal({ type: 'redrive' })).toEqual([]);
    const full = await new InterpreterDriver({ definition: machine({ S: { Type: 'Fail' } }) }).run();
    full.execution = { ...full.execution, lastEventId: 24_999 };
    expect(await full.signal({ type: 'redrive' })).toEqual([]);
    full.execution = { ...full.execution, lastEventId: 24_998 };
    const [redriven, ...others] = await full.signal({ type: 'redrive' });
    expect([redriven, ...others].map((entry) => entry?.event?.type)).toEqual(['ExecutionRedriven', 'ExecutionFailed']);
    expect(full.execution).toMatchObject({ status: 'FAILED', lastEventId: 25_000, error: 'States.Runtime' });
  });
});

describe('redrive of a distributed Map', () => {
  const each = (ProcessorConfig: object, fields: object = {}) =>
    machine({
      Each: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ...ProcessorConfig },
          StartAt: 'Before',
          States: { Before: { Type: 'Pass', Next: 'One' }, One: task },
        },
        End: true,
        ...fields,
      },
    });

  it('goes on with the children that did not succeed, and starts those that had not begun', async () => {
    const definition = each({ ExecutionType: 'STANDARD' }, { MaxConcurrency: 2 });
    const { driver, before, after } = await endedThenRedriven(definition, (item) => item === '2', [1, 2, 3, 4]);
    expect(before.some((line) => line.endsWith('MapRunFailed'))).toBe(true);
    expect(after.map((line) => line.split(' ')[1])).toEqual([
      'ExecutionRedriven',
      'MapRunRedriven',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    expect(driver.output).toEqual([1, 2, 3, 4]);
    const inside = driver.entries.flatMap(({ hidden }) => {
      const { child, index } = (hidden ?? {}) as { child?: { event?: { type: string } }; index?: number };
      return child?.event ? [`${index} ${child.event.type}`] : [];
    });
    expect(inside.filter((line) => line.startsWith('1 ') && /Redriven|PassStateEntered/.test(line))).toEqual([
      '1 PassStateEntered',
      '1 ExecutionRedriven',
    ]);
    expect(mapRunsIn(driver.entries)).toMatchObject([
      { status: 'SUCCEEDED', redriveCount: 1, executions: { succeeded: 4, pendingRedrive: 0, total: 4 } },
    ]);
  });

  it('begins Express children again', async () => {
    const definition = each({ ExecutionType: 'EXPRESS' });
    const { driver } = await endedThenRedriven(definition, (item) => item === '2', [1, 2]);
    expect(driver.output).toEqual([1, 2]);
    const started = driver.entries
      .filter(({ hidden }) => hidden?.fact === 'ChildStarted')
      .map(({ hidden }) => hidden?.index);
    expect(started).toEqual([0, 1, 1]);
  });

  it('lets no more of them run at a time than may', async () => {
    const { tasks, broken } = mendable(() => true);
    const definition = each({}, { MaxConcurrency: 1, ToleratedFailureCount: 2 });
    const driver = await new InterpreterDriver({ definition, tasks, input: [1, 2, 3] }).run();
    expect(driver.execution.status).toBe('FAILED');
    broken.now = false;
    await driver.signal({ type: 'redrive' });
    expect(driver.outstanding.tasks.map(({ parameters }) => parameters)).toEqual(['1']);
    expect(mapRunsIn(driver.entries)).toMatchObject([
      { status: 'RUNNING', executions: { running: 1, pendingRedrive: 2, failed: 0 } },
    ]);
    await driver.run();
    expect(driver.output).toEqual([1, 2, 3]);
  });

  it('starts a new map run if none of its children had begun', async () => {
    const definition = each(
      {},
      { ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Arguments: { Bucket: 'b', Key: 'k' } } },
    );
    const { tasks, broken } = mendable((parameters) => parameters.includes('Bucket'));
    const driver = await new InterpreterDriver({
      definition,
      tasks: (one) => {
        const answer = tasks(one);
        return 'resultText' in answer && one.parameters.includes('Bucket') ? { result: [7] } : answer;
      },
    }).run();
    broken.now = false;
    await driver.signal({ type: 'redrive' });
    await driver.run();
    expect(driver.types.filter((type) => type.startsWith('MapRun'))).toEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapRunStarted',
      'MapRunSucceeded',
    ]);
    expect(driver.output).toEqual([7]);
  });
});
