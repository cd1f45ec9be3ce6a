import { randomUUID } from 'node:crypto';
import type { DefinitionProblem } from '../asl/errors.ts';
import type { OutstandingTask, Surroundings } from '../asl/signal.ts';
import type { StateTestResult, TestOutcome } from '../asl/test-state.ts';
import { type Activities, createActivities } from './activities.ts';
import { createActivity } from './activity.ts';
import { type Aliases, createAliases } from './aliases.ts';
import type { Place } from './arn.ts';
import { type Callbacks, createCallbacks } from './callbacks.ts';
import { openCheckpoints } from './checkpoints.ts';
import type { MovableClock } from './clock.ts';
import { definitionProblems } from './definition-check.ts';
import { openDefinitionStore } from './definition-store.ts';
import { definitionsInUse } from './definitions-in-use.ts';
import { createDeployments, type Deployments } from './deployments.ts';
import { openExecutionStore } from './execution-store.ts';
import { createExecutions, type Executions } from './executions.ts';
import { openFacts, taskTokenKey } from './facts.ts';
import type { FunctionCalls } from './function-calls.ts';
import { explain, type Journal } from './journal.ts';
import { createMapRuns, type MapRuns } from './map-runs.ts';
import { openStateMachineStore } from './state-machine-store.ts';
import { createStateMachines, type StateMachines } from './state-machines.ts';
import { runStateTest, type StateTestRequest } from './state-test.ts';
import { createTags, type Tags } from './tags.ts';
import type { TaskRunner } from './task-runner.ts';
import { createTaskTokens } from './task-token.ts';

export interface EngineOptions {
  journal: Journal;
  clock: MovableClock;
  tasks: TaskRunner;
  place?: Partial<Place>;
  log?: (message: string, fields?: Record<string, unknown>) => void;
  /** What goes on as it should and people want to know. */
  info?: (message: string) => void;
  /** Counts what tasks call, for alarms that take deployments back. */
  functionCalls?: FunctionCalls;
  random?: () => number;
  /** How long executions that have ended are kept. Default: 90 days, as the service does. */
  keepEndedMs?: number | undefined;
}

/** Step Functions without its wire: state machines, executions, callbacks. */
export interface Engine {
  readonly place: Place;
  readonly stateMachines: StateMachines;
  readonly aliases: Aliases;
  readonly deployments: Deployments;
  readonly executions: Executions;
  readonly callbacks: Callbacks;
  readonly activities: Activities;
  readonly tags: Tags;
  readonly mapRuns: MapRuns;
  /** Executes one state by itself. Throws InvalidDefinition, ValidationException. */
  testState(request: StateTestRequest): Promise<StateTestResult>;
  /** Why a definition would be refused; empty if it would not. */
  definitionProblems(text: string, type: 'STANDARD' | 'EXPRESS'): readonly DefinitionProblem[];
  /** The texts of the definitions that something can still run by. */
  definitionsInUse(): string[];
  /** Goes on with what was running when the last runtime stopped. Call once everything that tasks need is up. */
  resume(): void;
  /** Resolves when everything that the engine has answered so far is on the disk. */
  durable(): Promise<void>;
  /** Resolves when nothing is going on that needs no time to pass. */
  idle(): Promise<void>;
  /** Drops everything in flight; the journal has what the next start needs. Does not close the journal. */
  stop(): void;
}

/**
 * Opens the engine on a journal. Everything it knows is in that journal: a running execution is its entries, folded, and what
 * must be in flight follows from the result, in normal running and after a crash alike.
 */
export function openEngine(options: EngineOptions): Engine {
  const {
    journal,
    clock,
    tasks,
    random = Math.random,
    log = () => {},
    info = () => {},
    keepEndedMs,
    functionCalls,
  } = options;
  const place: Place = { partition: 'aws', region: 'us-east-1', account: '000000000000', ...options.place };
  const activity = createActivity();
  const tokens = createTaskTokens(taskTokenKey(openFacts(journal)));
  const store = openStateMachineStore(journal);
  const definitions = openDefinitionStore(journal);
  const supports = (resource: string) => tasks.supports(resource);
  const now = () => clock.now();
  const checkpoints = openCheckpoints(journal);
  const activities = createActivities({ store: checkpoints, clock, place });

  const executionStore = openExecutionStore(journal);
  const aliases = createAliases({ journal, store, now });
  const deployments = createDeployments({
    ...{ journal, store, aliases, clock, info, functionCalls },
    executions: executionStore,
  });
  const executions = createExecutions({
    journal,
    clock,
    activity,
    definitions,
    keepEndedMs,
    random,
    log,
    store: executionStore,
    stateMachines: store,
    failed: deployments.executionFailed,
    run: (task, context) => tasks.run(task, { ...context, engine }),
    surroundings: ({ executionArn, startedAt }) => ({
      at: clock.now(),
      random,
      uuid: randomUUID,
      taskToken: (taskId) => tokens.mint({ executionArn, executionStartedAt: startedAt, taskId }),
      activityExists: activities.has,
    }),
  });

  const settling = clock.settleWith(async () => {
    if (activity.count === 0) return false;
    journal.flush();
    await activity.idle();
    return true;
  });

  /** Once, without an execution around it that could be told of its progress. */
  async function runAlone(task: OutstandingTask, executionArn: string): Promise<TestOutcome> {
    const abort = new AbortController().signal;
    const outcome = await tasks.run(task, { executionArn, engine, abort, started() {}, submitted() {} });
    if (outcome.type === 'taskFailed') return outcome;
    return { output: 'output' in outcome ? outcome.output : '{}' };
  }

  function surroundingsOfTest(): Surroundings {
    const taskToken = (taskId: string) => tokens.mint({ executionArn: '', executionStartedAt: clock.now(), taskId });
    return { at: clock.now(), random, uuid: randomUUID, taskToken, activityExists: activities.has };
  }

  const engine: Engine = {
    place,
    stateMachines: createStateMachines({ journal, store, definitions, place, now, supports }),
    aliases,
    deployments,
    executions,
    callbacks: createCallbacks(executions, tokens),
    activities,
    mapRuns: createMapRuns(executionStore, executions.runner),
    tags: createTags({
      store: checkpoints,
      exists: (arn) => store.find(arn) !== undefined || activities.has(arn),
    }),
    testState: (request) => runStateTest(request, { place, runTask: runAlone, surroundings: surroundingsOfTest }),
    definitionProblems: (text, type) => definitionProblems(text, type, supports),
    definitionsInUse() {
      journal.flush();
      return definitionsInUse(journal, clock);
    },
    resume() {
      executions.resume();
      deployments.resume();
    },
    durable: () => journal.synced(),
    idle: () => activity.idle(),
    stop() {
      settling[Symbol.dispose]();
      executions.close();
      deployments.close();
    },
  };
  try {
    executions.prune();
    executions.recover();
  } catch (error) {
    throw explain(error, journal.path);
  }
  return engine;
}
