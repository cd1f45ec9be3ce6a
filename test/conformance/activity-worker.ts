import { toleratedRefusal } from './api-client.ts';
import { findPath } from './document-path.ts';
import type { Actor, World } from './world.ts';

type State = Record<string, unknown>;

/**
 * Polls an activity and then does what the worker's definition says. The worker of the recordings was a state machine itself; here
 * its states are walked one by one: Wait, Pass, and Tasks that send an answer.
 */
export function startActivityWorker(
  world: World,
  activityArn: string,
  definition: { States: Record<string, State> },
): Actor {
  const states = definition.States;
  const { WorkerName: workerName } = (states.GetActivityTask?.Parameters ?? {}) as { WorkerName?: string };
  let polled: { answer?: Record<string, unknown>; error?: unknown } | undefined;
  let next: string | undefined;
  let output: Record<string, unknown> = {};
  let notBefore = 0;

  function poll(): void {
    const current: NonNullable<typeof polled> = {};
    polled = current;
    const params = { activityArn, ...(workerName !== undefined && { workerName }) };
    world.api.call('stepfunctions.getActivityTask', params).then(
      (answer) => {
        current.answer = answer;
      },
      (error) => {
        current.error = error;
      },
    );
  }

  function parametersOf(state: State): Record<string, unknown> {
    const entries = Object.entries((state.Parameters ?? {}) as Record<string, unknown>).map(([name, value]) => {
      const key = name.replace(/\.\$$/, '');
      const given = key === name ? value : findPath({ GetActivityTaskOutput: output }, String(value))[0]?.value;
      return [key.replace(/^./, (letter) => letter.toLowerCase()), given] as const;
    });
    return Object.fromEntries(entries);
  }

  return {
    async act() {
      if (next === undefined) {
        if (!polled) poll();
        if (polled?.error) throw polled.error;
        const answer = polled?.answer;
        if (!answer) return false;
        polled = undefined;
        if (typeof answer.taskToken !== 'string') return true;
        output = { TaskToken: answer.taskToken, Input: answer.input };
        next = 'TaskReceived';
        return true;
      }
      const state = states[next];
      if (!state || world.passedSeconds < notBefore) return false;
      if (state.Type === 'Wait') notBefore = world.passedSeconds + Number(state.Seconds);
      if (state.Type === 'Task') {
        const operation = String(state.Resource).split(':').at(-1)!;
        // Too late for an answer: the worker of the recording failed then, and nobody looked.
        await world.api.call(`stepfunctions.${operation}`, parametersOf(state)).catch(toleratedRefusal);
      }
      next = state.End === true ? 'end' : String(state.Next);
      return true;
    },
  };
}
