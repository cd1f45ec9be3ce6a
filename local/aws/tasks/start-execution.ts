import { createHash, randomUUID } from 'node:crypto';
import type { ExecutionRow } from '../../engine/execution-store.ts';
import { ServiceError } from '../../engine/ports.ts';
import type { AbortReason, RunTask, TaskContext, TaskOutcome } from '../../engine/task-runner.ts';
import { sdkCause, sdkMetadata } from './sdk-metadata.ts';

interface Parameters {
  StateMachineArn?: string;
  Input?: unknown;
  Name?: string;
}

/**
 * `arn:aws:states:::states:startExecution`, also with `.sync`, `.sync:2` and `.waitForTaskToken`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export const startExecution: RunTask = async (task, context) => {
  const { StateMachineArn = '', Input, Name = nameOf(task.taskToken) } = JSON.parse(task.parameters) as Parameters;
  const [, pattern] = /(\.sync|\.sync:2|\.waitForTaskToken)?$/.exec(task.resource) ?? [];
  if (task.phase === 'submitted' && pattern === '.waitForTaskToken') return { type: 'awaitingCallback' };
  context.started();
  let child: { executionArn: string; startedAt: number };
  try {
    const request = {
      stateMachineArn: StateMachineArn,
      name: Name,
      input: inputText(Input),
      startedBy: task.taskToken,
    };
    child = await context.engine.executions.start(request);
  } catch (error) {
    return pattern ? { ...refused(error), stage: 'submit' } : refused(error);
  }
  const output = started(child);
  if (pattern === undefined) return { type: 'taskSucceeded', output };
  if (pattern === '.waitForTaskToken') return { type: 'taskSubmitted', output };
  context.submitted(output);
  return ended(await endOf(child.executionArn, context), pattern === '.sync:2');
};

/** Without a Name the child gets one that follows from the attempt, so that a repeated attempt after a crash finds it again. */
function nameOf(taskToken: string): string {
  const hex = createHash('sha256').update(taskToken).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

function inputText(input: unknown): string {
  if (input === undefined || input === null) return '{}';
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** Resolves when the child has ended. A child that nobody waits for any more is stopped, unless the runtime stops. */
function endOf(executionArn: string, { engine, abort }: TaskContext): Promise<ExecutionRow> {
  abort.addEventListener('abort', () => {
    if (abort.reason !== ('no longer outstanding' satisfies AbortReason)) return;
    const cause = 'The execution that started this one no longer waits for it.';
    engine.executions.stop({ executionArn, cause }).catch(() => {});
  });
  return engine.executions.ended(executionArn);
}

function started({ executionArn, startedAt }: { executionArn: string; startedAt: number }): string {
  const body = JSON.stringify({ executionArn, startDate: startedAt / 1000 });
  const metadata = sdkMetadata(200, randomUUID(), 'application/x-amz-json-1.0', body);
  return JSON.stringify({ ExecutionArn: executionArn, ...metadata, StartDate: startedAt });
}

/** `.sync` has input and output as texts, `.sync:2` as JSON. */
function ended(row: ExecutionRow, asJson: boolean): TaskOutcome {
  const data = (text: string | null) => (text === null ? undefined : asJson ? JSON.parse(text) : text);
  const description = JSON.stringify({
    Cause: row.cause ?? undefined,
    Error: row.error ?? undefined,
    ExecutionArn: row.arn,
    Input: data(row.input),
    InputDetails: { Included: true },
    Name: row.name,
    Output: data(row.output),
    OutputDetails: row.output === null ? undefined : { Included: true },
    StartDate: row.startedAt,
    StateMachineArn: row.stateMachineArn,
    Status: row.status,
    StopDate: row.stoppedAt ?? undefined,
  });
  if (row.status === 'SUCCEEDED') return { type: 'taskSucceeded', output: description };
  return { type: 'taskFailed', error: 'States.TaskFailed', cause: description };
}

function refused(error: unknown): Extract<TaskOutcome, { type: 'taskFailed' }> {
  if (!(error instanceof ServiceError)) throw error;
  const { name, message, statusCode } = error;
  return {
    type: 'taskFailed',
    error: `StepFunctions.${name.replace(/Exception$/, '')}Exception`,
    cause: sdkCause(message, 'AWSStepFunctions', statusCode, name, randomUUID()),
  };
}
