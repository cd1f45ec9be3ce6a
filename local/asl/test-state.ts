import { advance, stateTypes } from './advance.ts';
import { Defect } from './errors.ts';
import { newExecution } from './execution.ts';
import { emitJson, type Json, type JsonObject, parseJson } from './expression/json-text.ts';
import { failureOf, StateFailed } from './failure.ts';
import type { Execution } from './frame.ts';
import { effectiveInput } from './input.ts';
import { exitState, failState } from './leave.ts';
import type { Machine } from './machine.ts';
import { outcomeOf } from './output.ts';
import { outstanding } from './outstanding.ts';
import { matches } from './retry.ts';
import { log, type Position, positionAt, type Run, valueFrom } from './run.ts';
import type { InspectedStep, OutstandingTask, Signal, Surroundings } from './signal.ts';
import { workOf } from './states/map.ts';
import { isExceeded, thresholdExceeded, toleranceOf } from './states/map-run.ts';
import { onTaskSignal, type TaskSignal } from './states/task.ts';
import { type ErrorDetails, endOf, errorDetailsOf, type StateEnd, variablesAfter } from './test-state-result.ts';

/** What became of a task: from a mock, or from whatever ran it. */
export type TestOutcome = { output: string } | { error?: string; cause?: string };

export interface StateTest {
  /** Its first state is tested. */
  machine: Machine;
  identity: Pick<
    Execution,
    'executionArn' | 'executionName' | 'stateMachineArn' | 'stateMachineName' | 'roleArn' | 'type'
  >;
  /** JSON text. */
  input: string;
  /** JSON text per variable. */
  variables: Record<string, string>;
  /** Instead of the work of a Task, the branches of a Parallel, the iterations of a Map. */
  mock?: TestOutcome;
  /** How often the Retrier of the mocked error has retried already. */
  retriesUsed: number;
  /** How many iterations of the mocked Map failed. */
  failedIterations: number;
  /** What the mocked Map's ItemReader reads: JSON text of an array. */
  readItems?: string;
  runTask(task: OutstandingTask): Promise<TestOutcome>;
  surroundings: Surroundings;
}

export interface StateTestResult extends StateEnd {
  /** JSON texts, but numbers as they are. */
  inspected: Partial<Record<InspectedStep, string | number>>;
  errorDetails?: ErrorDetails;
  /** As they are after the state. */
  variables: Record<string, string>;
}

/**
 * Executes one state, with the same functions as in an execution, and says what became of it instead of going on.
 * https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
 */
export async function testState(test: StateTest): Promise<StateTestResult> {
  const inspected: StateTestResult['inspected'] = {};
  const run = begin(test, {
    ...test.surroundings,
    inspect(step, value) {
      inspected[step] = typeof value === 'number' ? value : step === 'afterItemsPath' ? spaced(value) : emitJson(value);
    },
  });
  try {
    await play(now(run), test);
  } catch (thrown) {
    const position = now(run);
    const failure = failureOf(position, thrown);
    const errorDetails = errorDetailsOf(position, failure);
    await failState(run, '', failure);
    return {
      ...endOf(run, failure),
      inspected,
      variables: variablesAfter(run, test.variables),
      ...(errorDetails && { errorDetails }),
    };
  }
  return { ...endOf(run), inspected, variables: variablesAfter(run, test.variables) };
}

/** An execution that has just entered the state. */
function begin({ machine, identity, input, variables, retriesUsed, mock }: StateTest, surroundings: Surroundings): Run {
  const execution = newExecution({ machine, ...identity, startedAt: surroundings.at, inputText: input });
  const root = { ...execution.root, variables };
  const run: Run = {
    machine,
    surroundings,
    entries: [],
    execution: { ...execution, root },
    ready: [],
    values: new Map(),
    advance,
  };
  const { startAt } = machine;
  const state = machine.states.get(startAt);
  if (!state) throw new Defect(`the machine has no state "${startAt}"`);
  log(run, '', 'ExecutionStarted', { input, inputDetails: { truncated: false }, roleArn: identity.roleArn });
  log(run, '', `${state.type}StateEntered`, { input, inputDetails: { truncated: false }, name: startAt });
  const failure = mock && !('output' in mock) ? mock : {};
  const retrier = state.retriers.findIndex(({ errorEquals }) => matches(errorEquals, failure));
  const entered = run.execution.root;
  if (entered.state && retriesUsed > 0) {
    const changed = { ...entered.state, retriesUsed: { [Math.max(retrier, 0)]: retriesUsed } };
    run.execution = { ...run.execution, root: { ...entered, state: changed } };
  }
  return run;
}

async function play(position: Position, test: StateTest): Promise<void> {
  const { run, state } = position;
  if (state.type === 'Map') return playMap(position, test);
  if (state.type === 'Parallel') {
    // As recorded: with a mock the branches' input is not evaluated.
    return exitState(position, await outcomeOf(position, valueFrom(run, position.active.input), mocked(test)));
  }
  await stateTypes[state.type].enter(position);
  if (state.type === 'Wait') return stateTypes.Wait.elapsed?.(now(run));
  if (state.type !== 'Task') return;
  const [task] = outstanding(run.machine, run.execution).tasks;
  if (!task) throw new Defect('a Task state without its task');
  const outcome = test.mock ?? (await test.runTask(task));
  if ('output' in outcome && state.language === 'JSONPath') {
    run.surroundings.inspect?.('result', parseJson(outcome.output));
  }
  await onTaskSignal(now(run), signalOf(task.taskId, outcome));
}

function signalOf(taskId: string, outcome: TestOutcome): TaskSignal {
  const signal: Signal =
    'output' in outcome ? { type: 'taskSucceeded', taskId, ...outcome } : { type: 'taskFailed', taskId, ...outcome };
  return signal;
}

async function playMap(position: Position, test: StateTest): Promise<void> {
  const { run, active, state } = position;
  const input = effectiveInput(position);
  const read = state.fields.ItemReader === undefined ? undefined : parseJson(test.readItems ?? '[]');
  const { items } = await workOf(position, input, read as Json[] | undefined);
  const tolerance = state.distributed ? await toleranceOf(position, input) : undefined;
  const result = mocked(test);
  const failed = test.failedIterations;
  // As recorded: a Map that names no tolerance does not fail by the mere number of failed iterations.
  const limited = tolerance && Object.keys(tolerance).length > 0;
  if (limited && isExceeded({ ...tolerance, failed }, items.length)) throw new StateFailed(thresholdExceeded);
  exitState(position, await outcomeOf(position, valueFrom(run, active.input), result));
}

/** @throws StateFailed if the mock says so */
function mocked({ mock }: StateTest) {
  if (!mock) throw new Defect('a Map or Parallel state cannot be tested without a mock');
  if ('output' in mock) return parseJson(mock.output);
  throw new StateFailed(mock);
}

function now(run: Run): Position {
  const position = positionAt(run, '');
  if (!position) throw new Defect('the tested state is not there any more');
  return position;
}

/** As recorded: the items are shown with a blank between them, whatever their text was like. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value as JsonObject)
    .map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`)
    .join(', ')}}`;
}
