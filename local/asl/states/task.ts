import { isObject, type Json } from '../expression/json-text.ts';
import { evaluatePayloadTemplate } from '../expression/payload-template.ts';
import { excessOf, refuseExcess, runtimeFailure, StateFailed } from '../failure.ts';
import { effectiveArguments, effectiveInput } from '../input.ts';
import { integrationOf } from '../integration.ts';
import type { Hidden } from '../journal-facts.ts';
import { exitState } from '../leave.ts';
import { outcomeOf } from '../output.ts';
import { log, note, type Position, textOf, valueFrom } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import type { Signal } from '../signal.ts';
import { secondsOf } from '../timeouts.ts';
import type { StateType } from './state-type.ts';

const notTruncated = { truncated: false };

/** https://states-language.net/spec.html#task-state */
export const task: StateType = {
  async enter(position) {
    const { run, path, state } = position;
    const taskId = `${path}#${run.execution.lastEventId + 1}`;
    const taskToken = run.surroundings.taskToken(taskId);
    const input = effectiveInput(position);
    const argument = await effectiveArguments(position, input, taskToken);
    const parameters =
      argument === valueFrom(run, position.active.input) ? position.active.input : textOf(run, argument);
    refuseExcess(parameters, state.name);
    const timeoutInSeconds = await secondsOf(position, 'TimeoutSeconds', input);
    const heartbeatInSeconds = await secondsOf(position, 'HeartbeatSeconds', input);
    const { events, resource, resourceType } = integrationOf(state);
    if (events === 'Activity' && run.surroundings.activityExists?.(resource) === false) {
      throw runtimeFailure(position, `The activity ${resource} does not exist.`);
    }
    const times = {
      ...(timeoutInSeconds !== undefined && { timeoutInSeconds }),
      ...(heartbeatInSeconds !== undefined && events !== 'LambdaFunction' && { heartbeatInSeconds }),
    };
    const credentials = events === 'Activity' ? {} : await credentialsOf(position, input);
    const details =
      events === 'Task'
        ? { parameters, region: regionOf(position), resource, resourceType, ...times, ...credentials }
        : { input: parameters, inputDetails: notTruncated, resource, ...times, ...credentials };
    const hidden: Hidden = { taskId, taskToken };
    log(run, path, `${events}Scheduled`, details, { hidden });
  },
};

/**
 * The role of another account that the task is done with. Shown, but nobody checks roles here.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
 */
async function credentialsOf(position: Position, input: Json): Promise<{ taskCredentials?: { roleArn: Json } }> {
  const { run, state } = position;
  const { Credentials } = state.fields;
  if (Credentials === undefined) return {};
  const given =
    state.language === 'JSONata'
      ? await evaluate(position, 'Credentials', Credentials, input)
      : evaluatePayloadTemplate(Credentials, pathScope(position, input), run.surroundings);
  return isObject(given) && given.RoleArn !== undefined ? { taskCredentials: { roleArn: given.RoleArn } } : {};
}

export type TaskSignal = Extract<Signal, { taskId: string }>;

/** What the runner, or whoever has the token, says about the task in flight. */
export async function onTaskSignal(position: Position, signal: TaskSignal): Promise<void> {
  const { run, path, state, active } = position;
  const { events, resource, resourceType } = integrationOf(state);
  const names = events === 'Task' ? { resource, resourceType } : {};
  switch (signal.type) {
    case 'taskHeartbeat':
      return note(run, path, { fact: 'TaskHeartbeat' });
    case 'taskStarted':
      if (active.task?.phase === 'scheduled') logStarted(position, signal.workerName);
      return;
    case 'taskSubmitted': {
      if (active.task?.phase === 'scheduled') logStarted(position);
      const { output } = signal;
      log(run, path, 'TaskSubmitted', { output, outputDetails: notTruncated, ...names });
      return;
    }
    case 'taskSucceeded': {
      if (active.task?.phase === 'scheduled') logStarted(position);
      const { output } = signal;
      const excess = excessOf(output, resourceType);
      if (excess) return failTask(position, excess);
      log(run, path, `${events}Succeeded`, { output, outputDetails: notTruncated, ...names });
      return exitState(position, await outcomeOf(position, effectiveInput(position), valueFrom(run, output)));
    }
    case 'taskFailed': {
      const { error, cause, stage = 'run' } = signal;
      if (stage !== 'schedule' && stage !== 'start' && active.task?.phase === 'scheduled') logStarted(position);
      return failTask(
        position,
        { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) },
        stage,
      );
    }
  }
}

/** TimeoutSeconds or HeartbeatSeconds went by. */
export function onTaskTimeout(position: Position, missedHeartbeat: boolean): void {
  const { run, path, state } = position;
  const { events, resource, resourceType } = integrationOf(state);
  const error = 'States.Timeout';
  log(run, path, `${events}TimedOut`, { error, ...(events === 'Task' && { resource, resourceType }) });
  throw new StateFailed(missedHeartbeat ? { error, missedHeartbeat } : { error });
}

/** A signal for an attempt that is over already concerns nobody. */
export function isInFlight(position: Position, taskId: string): boolean {
  return position.active.task?.taskId === taskId;
}

function logStarted({ run, path, state }: Position, workerName?: string): void {
  const { events, resource, resourceType } = integrationOf(state);
  const details = {
    Task: { resource, resourceType },
    Activity: workerName === undefined ? {} : { workerName },
    LambdaFunction: undefined,
  };
  log(run, path, `${events}Started`, details[events]);
}

/** The events that there are; every other failure is a plain Failed. */
const stages: Record<string, string | undefined> = {
  'LambdaFunction schedule': 'ScheduleFailed',
  'LambdaFunction start': 'StartFailed',
  'Activity schedule': 'ScheduleFailed',
  'Task start': 'StartFailed',
  'Task submit': 'SubmitFailed',
};

function failTask(position: Position, failure: { error?: string; cause?: string }, stage = 'run'): never {
  const { run, path, state } = position;
  const { events, resource, resourceType } = integrationOf(state);
  const details = { ...failure, ...(events === 'Task' && { resource, resourceType }) };
  log(run, path, `${events}${stages[`${events} ${stage}`] ?? 'Failed'}`, details);
  throw new StateFailed(failure);
}

function regionOf({ run }: Position): string {
  return run.execution.stateMachineArn.split(':')[3] ?? '';
}
