import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SFNClient } from '@aws-sdk/client-sfn';
import { stepFunctions } from '../../local/aws/step-functions/operations.ts';
import { createWire } from '../../local/aws/wire.ts';
import { createClock, type MovableClock } from '../../local/engine/clock.ts';
import { type Engine, openEngine } from '../../local/engine/engine.ts';
import { clockOffset, openFacts } from '../../local/engine/facts.ts';
import type { FunctionCalls } from '../../local/engine/function-calls.ts';
import { openJournal } from '../../local/engine/journal.ts';
import type { RunTask, TaskRunner } from '../../local/engine/task-runner.ts';

export interface TestEngine {
  engine: Engine;
  clock: MovableClock;
  /** The real SDK, over HTTP. */
  sfn: SFNClient;
  endpoint: string;
  stateDir: string;
  /** Stops everything and opens the same state folder again. */
  restart(options?: TestEngineOptions): Promise<TestEngine>;
  /** Stops everything and leaves the state folder to the caller. */
  stop(): Promise<void>;
  /** Everything that the engine complained about. */
  complaints: string[];
  /** What it told people. */
  told: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestEngineOptions {
  run?: RunTask;
  tasks?: TaskRunner;
  wallNow?: () => number;
  random?: () => number;
  stateDir?: string;
  keepEndedMs?: number;
  functionCalls?: FunctionCalls;
}

/** Echoes what a task was given; a task that waits for its token is left waiting. */
export const echo: RunTask = async (task, { started }) => {
  if (task.phase === 'submitted') return { type: 'awaitingCallback' };
  started();
  if (task.resource.endsWith('.waitForTaskToken')) return { type: 'taskSubmitted', output: '{}' };
  return { type: 'taskSucceeded', output: task.parameters };
};

export const role = 'arn:aws:iam::000000000000:role/any';

/** An engine on a state folder of its own, behind the wire endpoint on a free port. */
export async function startEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { run = echo, wallNow, random, keepEndedMs, functionCalls } = options;
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'engine-'));
  const complaints: string[] = [];
  const told: string[] = [];
  const journal = openJournal(stateDir);
  const clock = createClock({ offset: clockOffset(openFacts(journal)), ...(wallNow && { wallNow }) });
  const engine = openEngine({
    journal,
    clock,
    tasks: options.tasks ?? { run, supports: (resource) => !resource.includes('unsupported') },
    log: (message) => complaints.push(message),
    info: (message) => told.push(message),
    ...(random && { random }),
    ...(functionCalls && { functionCalls }),
    keepEndedMs,
  });
  engine.resume();
  const wire = createWire((message, fields) => complaints.push(`${message} ${fields?.error}`));
  wire.service(stepFunctions(engine));
  const endpoint = await wire.listen(0);
  const sfn = new SFNClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // StartSyncExecution would go to sync-127.0.0.1 otherwise.
    disableHostPrefix: true,
    maxAttempts: 1,
  });

  async function stop(): Promise<void> {
    sfn.destroy();
    await wire.stop();
    engine.stop();
    clock.close();
    journal.close();
  }

  return {
    engine,
    clock,
    sfn,
    endpoint,
    stateDir,
    complaints,
    told,
    stop,
    async restart(changed = {}) {
      await stop();
      return startEngine({ ...options, ...changed, stateDir });
    },
    async [Symbol.asyncDispose]() {
      await stop().catch(() => {});
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** A state machine with one state after another, in the order given. */
export function chain(...states: Record<string, unknown>[]): string {
  const named = states.map((state, index): [string, object] => {
    const next = index + 1 < states.length ? { Next: `S${index + 2}` } : { End: true };
    const ends = state.Type === 'Fail' || state.Type === 'Succeed' ? {} : next;
    return [`S${index + 1}`, { ...state, ...ends }];
  });
  return JSON.stringify({ StartAt: 'S1', States: Object.fromEntries(named) });
}

export const pass = { Type: 'Pass' };
export const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
export const waitForAnswer = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Parameters: { 'token.$': '$$.Task.Token' },
};

/** Creates a state machine and answers its ARN. */
export function create({ engine }: TestEngine, definition: string, name = 'machine'): string {
  return engine.stateMachines.create({ name, definition, roleArn: role }).stateMachine.arn;
}

/** The token that the last task of an execution was given, from its history. */
export function tokenOf({ engine }: TestEngine, executionArn: string): string {
  const row = engine.executions.get(executionArn);
  const { events } = engine.executions.history(row, { limit: 1000, reverse: true });
  const scheduled = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails;
  return (JSON.parse(String(scheduled?.parameters)) as { token: string }).token;
}
