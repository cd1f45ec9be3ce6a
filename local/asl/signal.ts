import type { Json, JsonObject } from './expression/json-text.ts';

/** What can happen to an execution from the outside. The engine delivers one at a time per execution. */
export type Signal =
  /** The execution was created: log ExecutionStarted and run until something must be waited for. */
  | { type: 'start' }
  /** A time named by `outstanding().timers` was reached. A timer that is no longer outstanding changes nothing. */
  | { type: 'timer'; timerId: string }
  /** The runner accepted the task (logs LambdaFunctionStarted / TaskStarted / ActivityStarted). */
  | { type: 'taskStarted'; taskId: string; workerName?: string }
  /** A `.sync` or `.waitForTaskToken` request was accepted by the service (logs TaskSubmitted); the task goes on waiting. */
  | { type: 'taskSubmitted'; taskId: string; output: string }
  /** `output` is JSON text. */
  | { type: 'taskSucceeded'; taskId: string; output: string }
  | {
      type: 'taskFailed';
      taskId: string;
      error?: string;
      cause?: string;
      stage?: 'schedule' | 'start' | 'submit' | 'run';
    }
  | { type: 'taskHeartbeat'; taskId: string }
  /** StopExecution. */
  | { type: 'stop'; error?: string; cause?: string }
  /** RedriveExecution of an execution that ended without success. Whether it may be redriven is decided by the engine. */
  | { type: 'redrive' }
  /** UpdateMapRun of a map run that is going on, in this execution or in a child execution. */
  | ({ type: 'updateMapRun'; mapRunArn: string } & MapRunSettings);

export interface MapRunSettings {
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
}

/** Everything that a decision may not make up itself. */
export interface Surroundings {
  /** Milliseconds since the epoch, from the engine's clock. */
  at: number;
  /** 0 <= n < 1; what is drawn is recorded in the entry. */
  random(): number;
  uuid(): string;
  /** Mints the token that SendTaskSuccess will be called with. The result is recorded in the entry. */
  taskToken(taskId: string): string;
  /** Whether there is an activity that a Task state names; without it every activity exists. */
  activityExists?(arn: string): boolean;
  /** TestState looks on: what a step of the state's data flow gave. */
  inspect?(step: InspectedStep, value: Json): void;
  /** TestState may bring its own context object. */
  context?: JsonObject;
}

/** The members of TestState's `inspectionData` that come from evaluating the state. */
export type InspectedStep =
  | 'afterInputPath'
  | 'afterParameters'
  | 'afterArguments'
  | 'result'
  | 'afterResultSelector'
  | 'afterResultPath'
  | 'afterItemsPath'
  | 'maxConcurrency'
  | 'toleratedFailureCount'
  | 'toleratedFailurePercentage';

/** A task that must be in flight now. `taskId` is unique in the execution and new for every attempt. */
export interface OutstandingTask {
  taskId: string;
  frame: string;
  stateName: string;
  /**
   * The Resource as in the definition: a function ARN, `arn:aws:states:::lambda:invoke.waitForTaskToken`, ...;
   * of the ItemReader or ResultWriter of a Map with `itemReader:` or `resultWriter:` in front.
   */
  resource: string;
  /** JSON text of the evaluated Arguments/Parameters (for a bare function or activity ARN: the input). */
  parameters: string;
  taskToken: string;
  /**
   * `scheduled`: the runner has to run it (again after a crash); `started`: same, TaskStarted is already logged;
   * `submitted`: the request was accepted, only the callback (or the child execution) is awaited.
   */
  phase: 'scheduled' | 'started' | 'submitted';
  /** As far as the definition gives them. */
  timeoutSeconds?: number;
  heartbeatSeconds?: number;
}

export interface OutstandingTimer {
  /** Unique in the execution: "<frame>/wait/<entered event id>", ".../retry/...", ".../timeout/...", ".../heartbeat/...", "execution". */
  timerId: string;
  /** Milliseconds since the epoch. */
  dueAt: number;
}
