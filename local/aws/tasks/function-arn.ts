import type { FunctionInvoker } from '../../engine/ports.ts';
import type { RunTask } from '../../engine/task-runner.ts';
import { functionFailed, invocationFailed } from './lambda-failure.ts';

/** A function's ARN as Resource: the input is the payload, the bare result is the output. */
export function functionArn({ functions }: { functions: FunctionInvoker }): RunTask {
  return async (task, { started, abort }) => {
    started();
    try {
      const { payload, functionError } = await functions.invoke(task.resource, task.parameters, { signal: abort });
      if (functionError) return functionFailed(payload, payload);
      return { type: 'taskSucceeded', output: payload === '' ? 'null' : payload };
    } catch (error) {
      return invocationFailed(error);
    }
  };
}
