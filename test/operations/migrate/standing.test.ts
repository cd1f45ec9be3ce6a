import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { readFinalHistory, readHistory } from '../../../operations/migrate/history.ts';
import { doingOf, placeOf, restartOf } from '../../../operations/migrate/place.ts';
import { isEnding, standingOf, UnreadableHistory } from '../../../operations/migrate/standing.ts';
import { create, startEngine, type TestEngine } from '../../support/engine.ts';

/** What a history says after running a machine, with tasks that do as their name says. */
const wait = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Arguments: { MessageBody: { taskToken: '{% $states.context.Task.Token %}' } },
  ...more,
});
const step = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: {} },
  Output: '{% $states.result.Payload %}',
  ...more,
});
const machine = (StartAt: string, States: object) => JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States });

const start = () =>
  startEngine({
    run: async (task, { started }) => {
      if (task.phase === 'submitted') return { type: 'awaitingCallback' };
      started();
      if (task.resource.endsWith('.waitForTaskToken')) return { type: 'taskSubmitted', output: '{}' };
      if (task.stateName.startsWith('Fail')) return { type: 'taskFailed', error: 'Broken', cause: 'as its name says' };
      return { type: 'taskSucceeded', output: JSON.stringify({ Payload: { by: task.stateName } }) };
    },
  });

async function run(definition: string, then: (engine: TestEngine, arn: string) => Promise<void> = async () => {}) {
  await using engine = await start();
  const stateMachineArn = create(engine, definition);
  const { executionArn } = await engine.engine.executions.start({
    stateMachineArn,
    name: 'x',
    input: '{"orderId":"o","big":12345678901234567890}',
  });
  await settled(engine, executionArn);
  await then(engine, executionArn);
  await settled(engine, executionArn);
  const events = await readHistory(engine.sfn, executionArn);
  return { events, standing: standingOf(events), definition: JSON.parse(definition) };
}
const stop = async ({ engine }: TestEngine, executionArn: string) => {
  await engine.executions.stop({ executionArn, error: 'Migrated', cause: 'elsewhere' });
};

describe('where an execution stands', () => {
  const waiting = machine('Charge', {
    Charge: step({ Assign: { undo: ['Refund'], charged: true }, Next: 'AwaitPicking' }),
    AwaitPicking: wait({
      Assign: { undo: [] },
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Assign: { outcome: 'cancelled' },
          Output: { error: '{% $states.errorOutput.Error %}' },
          Next: 'AwaitOperator',
        },
      ],
      Next: 'AwaitOperator',
    }),
    AwaitOperator: wait({ End: true }),
  });

  it('is the state entered last, with its input and the variables that were assigned before', async () => {
    const { standing, definition } = await run(waiting);
    expect(standing).toMatchObject({
      status: 'RUNNING',
      started: { input: '{"orderId":"o","big":12345678901234567890}' },
      entered: { state: 'AwaitPicking', type: 'Task', input: '{"by":"Charge"}' },
    });
    expect(placeOf(standing, definition).variables).toEqual({ undo: '["Refund"]', charged: 'true' });
    expect(doingOf(standing, definition)).toBe('waiting');
  });

  it('is the same after it was stopped there, with how it ended', async () => {
    const { standing, definition, events } = await run(waiting, stop);
    expect(isEnding(events.at(-1))).toBe(true);
    expect(standing).toMatchObject({ status: 'ABORTED', error: 'Migrated', cause: 'elsewhere' });
    expect(placeOf(standing, definition)).toEqual({
      state: 'AwaitPicking',
      input: '{"by":"Charge"}',
      variables: { undo: '["Refund"]', charged: 'true' },
    });
  });

  it('has what a Catch assigned and put out', async () => {
    const { standing } = await run(waiting, async ({ engine }, arn) => {
      await failWait(engine, arn, 'OrderCancelled');
    });
    expect(standing.entered).toMatchObject({
      state: 'AwaitOperator',
      input: '{"error":"OrderCancelled"}',
      variables: { undo: '["Refund"]', charged: 'true', outcome: '"cancelled"' },
    });
  });

  it('is a step while its retry is still to come, and tells the error', async () => {
    const definition = machine('FailOften', {
      FailOften: step({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100, MaxAttempts: 3 }], End: true }),
    });
    const { standing } = await run(definition);
    expect(standing.entered).toMatchObject({ state: 'FailOften', failure: 'Broken' });
    expect(doingOf(standing, JSON.parse(definition))).toBe('step');
  });

  it('is the Parallel or the Map, not what is entered inside, and variables of branches stay inside', async () => {
    const inner = { StartAt: 'Inner', States: { Inner: wait({ End: true }) } };
    const assigning = {
      StartAt: 'Assigns',
      States: { Assigns: { Type: 'Pass', Assign: { inside: 1 }, End: true } },
    };
    const definition = machine('Both', {
      Both: { Type: 'Parallel', Branches: [assigning, inner], Assign: { after: true }, Next: 'AwaitPicking' },
      AwaitPicking: wait({ End: true }),
    });
    const { standing } = await run(definition);
    expect(standing.entered).toMatchObject({ state: 'Both', type: 'Parallel', variables: {} });
    expect(doingOf(standing, JSON.parse(definition))).toBe('inside');
    const after = await run(definition, async ({ engine }, arn) => {
      const history = engine.executions.history(engine.executions.get(arn), { limit: 100, reverse: true });
      const scheduled = history.events.find(({ type }) => type === 'TaskScheduled')!.taskScheduledEventDetails!;
      await engine.callbacks.succeed(JSON.parse(String(scheduled.parameters)).MessageBody.taskToken, '{}');
    });
    expect(after.standing.entered).toMatchObject({ state: 'AwaitPicking', variables: { after: 'true' } });
    expect(Object.keys(after.standing.entered!.variables)).toEqual(['after']);
  });

  it('is read over many pages, and from an execution that has ended', async () => {
    const definition = machine('Count', {
      Count: { Type: 'Pass', Assign: { n: '{% $exists($n) ? $n + 1 : 1 %}' }, Next: 'Enough' },
      Enough: { Type: 'Choice', Choices: [{ Condition: '{% $n >= 600 %}', Next: 'Done' }], Default: 'Count' },
      Done: { Type: 'Succeed' },
    });
    const { events, standing } = await run(definition, async ({ engine, sfn }, arn) => {
      await engine.executions.ended(arn);
      expect(await readFinalHistory(sfn, arn)).toHaveLength(2404);
    });
    expect(events).toHaveLength(2404);
    expect(standing).toMatchObject({ status: 'SUCCEEDED' });
  }, 60_000);

  it('cannot be told from a history without its beginning or without its data', () => {
    expect(() => standingOf([])).toThrow(UnreadableHistory);
    const entered = { id: 2, type: 'TaskStateEntered', timestamp: new Date(), stateEnteredEventDetails: { name: 'A' } };
    expect(() => standingOf([...begun, entered as HistoryEvent])).toThrow('without its data');
  });
});

const begun = [
  { id: 1, type: 'ExecutionStarted', executionStartedEventDetails: { input: '{}', roleArn: 'role' } },
] as unknown as HistoryEvent[];
const event = (type: string, details: object = {}): HistoryEvent => ({ type, ...details }) as unknown as HistoryEvent;
const enters = (name: string, type = 'Task') =>
  event(`${type}StateEntered`, { stateEnteredEventDetails: { name, input: `"into ${name}"` } });
const exits = (name: string, assignedVariables: Record<string, string> = {}) =>
  event('TaskStateExited', { stateExitedEventDetails: { name, output: `"out of ${name}"`, assignedVariables } });
const aborted = event('ExecutionAborted', { executionAbortedEventDetails: { error: 'Migrated' } });

describe('an execution that was stopped between two states', () => {
  const definition = {
    StartAt: 'A',
    States: { A: { Type: 'Task', Next: 'B' }, B: { Type: 'Choice' }, C: { Type: 'Task' } },
  };
  it('goes on at the next state, with what the one before put out and assigned', () => {
    const standing = standingOf([...begun, enters('A'), event('TaskSucceeded'), exits('A', { v: '1' }), aborted]);
    expect(placeOf(standing, definition)).toEqual({ state: 'B', input: '"out of A"', variables: { v: '1' } });
  });
  it('makes a decision once more, and enters a state that was left by a Catch once more', () => {
    const decided = standingOf([...begun, enters('B', 'Choice'), exits('B', { v: '1' }), aborted]);
    expect(placeOf(decided, definition)).toEqual({ state: 'B', input: '"into B"', variables: {} });
    const failed = event('TaskFailed', { taskFailedEventDetails: { error: 'Broken' } });
    const caught = standingOf([...begun, enters('A'), failed, exits('A', { v: '1' }), aborted]);
    expect(placeOf(caught, definition)).toEqual({ state: 'A', input: '"into A"', variables: {} });
  });
  it('enters a Map once more that was left by a Catch, whatever was caught inside', () => {
    const forked = {
      StartAt: 'M',
      States: { M: { Type: 'Map', Next: 'B' }, B: { Type: 'Choice' }, C: { Type: 'Task' } },
    };
    const ends = (how: string, kind = 'Map') => event(`${kind}State${how}`);
    const inside = [enters('I', 'Parallel'), ends('Failed', 'Parallel'), exits('I'), ends('Succeeded')];
    const done = standingOf([...begun, enters('M', 'Map'), ...inside, exits('M'), aborted]);
    expect(placeOf(done, forked).state).toBe('B');
    const caught = standingOf([...begun, enters('M', 'Map'), ends('Failed'), exits('M', { undo: '[]' }), aborted]);
    expect(placeOf(caught, forked)).toEqual({ state: 'M', input: '"into M"', variables: {} });
  });
  it('begins at its start when it had entered nothing yet', () => {
    expect(placeOf(standingOf([...begun, aborted]), definition)).toEqual({ state: 'A', input: '{}', variables: {} });
  });
  it('is not confused by the success of an attempt after failed ones', () => {
    const failed = event('TaskFailed', { taskFailedEventDetails: { error: 'Broken' } });
    const again = [enters('A'), event('TaskScheduled'), failed, event('TaskScheduled'), event('TaskSucceeded')];
    const standing = standingOf([...begun, ...again, exits('A'), aborted]);
    expect(placeOf(standing, definition).state).toBe('B');
  });
});

describe('an execution that was redriven', () => {
  it('runs again where it failed', () => {
    const failed = event('ExecutionFailed', { executionFailedEventDetails: { error: 'Broken' } });
    const standing = standingOf([...begun, enters('A'), failed, event('ExecutionRedriven'), event('TaskScheduled')]);
    expect(standing).toMatchObject({ status: 'RUNNING', entered: { state: 'A' } });
    expect(standing).not.toHaveProperty('error');
  });
  it('has no end, although it had one: whoever stops it waits for the next', () => {
    expect(isEnding(event('ExecutionRedriven'))).toBe(false);
    expect(isEnding(aborted)).toBe(true);
  });
});

describe('where an execution that ended badly is started again', () => {
  const definition = {
    StartAt: 'A',
    States: {
      A: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' },
      AwaitOperator: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' },
    },
  };
  const failedTask = (error: string) => event('TaskFailed', { taskFailedEventDetails: { error } });
  const failed = event('ExecutionFailed', { executionFailedEventDetails: { error: 'NeedsAttention' } });

  it('is the step before the Fail state that it came to, also past a Choice', () => {
    const events = [enters('A'), failedTask('Broken'), exits('A', { v: '1' }), enters('C', 'Choice'), exits('C')];
    const standing = standingOf([...begun, ...events, enters('NeedsAttention', 'Fail'), failed]);
    expect(restartOf(standing, definition)).toEqual({
      at: 'place',
      place: { state: 'A', input: '"into A"', variables: {} },
    });
  });
  it('is the state itself if nothing caught its error', () => {
    const standing = standingOf([...begun, enters('A'), failedTask('Broken'), failed]);
    expect(restartOf(standing, definition)).toMatchObject({ place: { state: 'A' } });
  });
  it('is the start for a wait that was answered for good, and not for one that timed out or that nobody heard of', () => {
    const end = [exits('AwaitOperator'), enters('NeedsAttention', 'Fail'), failed];
    const expired = standingOf([...begun, enters('AwaitOperator'), failedTask('WaitExpired'), ...end]);
    expect(restartOf(expired, definition)).toEqual({
      at: 'start',
      because: 'AwaitOperator was answered with WaitExpired, and an answer stands for ever',
    });
    const late = standingOf([...begun, enters('AwaitOperator'), event('TaskTimedOut'), ...end]);
    expect(restartOf(late, definition)).toMatchObject({ at: 'place', place: { state: 'AwaitOperator' } });
    const refused = event('TaskSubmitFailed', { taskSubmitFailedEventDetails: { error: 'SQS.QueueDoesNotExist' } });
    const unasked = standingOf([...begun, enters('AwaitOperator'), event('TaskScheduled'), refused, ...end]);
    expect(restartOf(unasked, definition)).toMatchObject({ at: 'place', place: { state: 'AwaitOperator' } });
    const answered = [event('TaskScheduled'), refused, event('TaskScheduled'), failedTask('WaitExpired')];
    expect(restartOf(standingOf([...begun, enters('AwaitOperator'), ...answered, ...end]), definition).at).toBe(
      'start',
    );
  });
});

/** Until nothing has happened for some turns of the loop. */
async function settled({ engine }: TestEngine, arn: string): Promise<void> {
  const lastId = () => engine.executions.history(engine.executions.get(arn), { limit: 1, reverse: true }).events[0]?.id;
  for (let quiet = 0, last = lastId(); quiet < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    quiet = lastId() === last ? quiet + 1 : 0;
    last = lastId();
  }
}

async function failWait(engine: TestEngine['engine'], arn: string, error: string): Promise<void> {
  const { events } = engine.executions.history(engine.executions.get(arn), { limit: 100, reverse: true });
  const { parameters } = events.find(({ type }) => type === 'TaskScheduled')!.taskScheduledEventDetails!;
  await engine.callbacks.fail(JSON.parse(String(parameters)).MessageBody.taskToken, error, '{}');
}
