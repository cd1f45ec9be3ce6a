import type { RunTask } from '../../engine/task-runner.ts';

/**
 * An activity's ARN as Resource: the task stands in line until a worker polls for it, and is over when the worker says so.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
 */
export const activity: RunTask = async (task, { engine, started }) => {
  const { taskToken, parameters, resource, phase } = task;
  if (phase === 'scheduled') {
    const isAwaited = () => engine.callbacks.isAwaited(taskToken);
    engine.activities.offer(resource, { taskToken, input: parameters, started, isAwaited });
  }
  return { type: 'awaitingCallback' };
};
