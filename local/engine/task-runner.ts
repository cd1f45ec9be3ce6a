import type { OutstandingTask } from '../asl/signal.ts';
import type { Activities } from './activities.ts';
import type { ExecutionRow } from './execution-store.ts';

/** How a task, or the first half of it, went. Texts are JSON texts where the signal of the same name has JSON texts. */
export type TaskOutcome =
  | { type: 'taskSucceeded'; output: string }
  | { type: 'taskFailed'; error?: string; cause?: string; stage?: 'schedule' | 'start' | 'submit' | 'run' }
  /** The request was accepted; the answer comes through SendTaskSuccess or SendTaskFailure. */
  | { type: 'taskSubmitted'; output: string }
  /** Nothing to do: the task was submitted before and only its callback is awaited. */
  | { type: 'awaitingCallback' };

/** What a task may ask of the engine that runs it. */
export interface TaskEngine {
  executions: {
    /** `startedBy`: the task's token, so that the task may ask again after a crash. */
    start(request: {
      stateMachineArn: string;
      name: string;
      input: string;
      startedBy: string;
    }): Promise<{ executionArn: string; startedAt: number }>;
    stop(request: { executionArn: string; cause: string }): Promise<number>;
    /** Resolves when the execution has ended. */
    ended(executionArn: string): Promise<ExecutionRow>;
  };
  callbacks: { succeed(taskToken: string, output: string): Promise<void>; isAwaited(taskToken: string): boolean };
  activities: Pick<Activities, 'offer'>;
}

export interface TaskContext {
  executionArn: string;
  engine: TaskEngine;
  /** Aborted when nobody waits for the outcome any more: the state timed out, the execution was stopped, the runtime stops. */
  abort: AbortSignal;
  /** The work has begun (logs TaskStarted). May come after the outcome, when that was only that the callback is awaited. */
  started(workerName?: string): void;
  /** For `.sync`: the request was accepted, `run` goes on waiting for its end. Does not count as work that time has to wait for. */
  submitted(output: string): void;
}

/** Why a task's `abort` was signalled. */
export type AbortReason = 'no longer outstanding' | 'runtime stops';

/**
 * Runs one attempt of a task. Called again with the same task after a crash, with the phase that the journal knows:
 * what happens outside is therefore done at least once. Failures are outcomes; a throw is a defect.
 */
export type RunTask = (task: OutstandingTask, context: TaskContext) => Promise<TaskOutcome>;

export interface TaskRunner {
  run: RunTask;
  /** Whether there is an integration for this Resource. Definitions with any other are refused. */
  supports(resource: string): boolean;
}
