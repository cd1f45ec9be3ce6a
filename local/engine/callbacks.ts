import { findSyntaxProblem } from '../asl/json-syntax.ts';
import type { Signal } from '../asl/signal.ts';
import type { ExecutionRunner } from './execution-runner.ts';
import type { Executions } from './executions.ts';
import { ServiceError } from './ports.ts';
import type { TaskTokens } from './task-token.ts';

/** Answers to tasks that wait with a task token. Each resolves when it is on the disk. */
export interface Callbacks {
  /** `output` is JSON text. Throws InvalidOutput, InvalidToken, TaskDoesNotExist, TaskTimedOut. */
  succeed(taskToken: string, output: string): Promise<void>;
  fail(taskToken: string, error?: string, cause?: string): Promise<void>;
  heartbeat(taskToken: string): Promise<void>;
  /** Whether an answer would still find its task. */
  isAwaited(taskToken: string): boolean;
}

export function createCallbacks(executions: Executions, tokens: TaskTokens): Callbacks {
  /** A task that was answered, timed out, or whose execution ended: AWS makes no difference. */
  const gone = () => new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");

  function find(taskToken: string): { runner: ExecutionRunner; taskId: string } {
    const address = tokens.read(taskToken);
    if (!address) throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
    const runner = executions.runner(address.executionArn);
    if (!runner || runner.execution.startedAt !== address.executionStartedAt) throw gone();
    return { runner, taskId: address.taskId };
  }

  async function answer(taskToken: string, signal: (taskId: string) => Signal): Promise<void> {
    const { runner, taskId } = find(taskToken);
    if (!(await runner.answer(taskId, signal(taskId)))) throw gone();
  }

  return {
    succeed(taskToken, output) {
      const complaint = output === '' ? 'Invalid output.' : findSyntaxProblem(output)?.message;
      if (complaint !== undefined) throw new ServiceError('InvalidOutput', `Invalid Output: '${complaint}'`);
      return answer(taskToken, (taskId) => ({ type: 'taskSucceeded', taskId, output }));
    },
    fail: (taskToken, error, cause) =>
      answer(taskToken, (taskId) => ({
        type: 'taskFailed',
        taskId,
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      })),
    async heartbeat(taskToken) {
      const { runner, taskId } = find(taskToken);
      if (!runner.expects(taskId)) throw gone();
      await runner.answer(taskId, { type: 'taskHeartbeat', taskId });
    },
    isAwaited(taskToken) {
      const address = tokens.read(taskToken);
      const runner = address && executions.runner(address.executionArn);
      return runner?.execution.startedAt === address?.executionStartedAt && runner?.expects(address!.taskId) === true;
    },
  };
}
