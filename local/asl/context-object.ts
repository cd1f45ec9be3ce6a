import type { JsonObject } from './expression/json-text.ts';
import { childIndex, parentPath } from './frame.ts';
import { integrationOf } from './integration.ts';
import { type Position, valueFrom } from './run.ts';

/** The states that have a Retry. */
const retried = ['Task', 'Parallel', 'Map'];

/**
 * `$$` and `$states.context`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextObject(position: Position, taskToken?: string): JsonObject {
  const { run, active, state } = position;
  const { execution, surroundings } = run;
  if (surroundings.context) return surroundings.context;
  const context: JsonObject = {
    Execution: {
      Id: execution.executionArn,
      Input: valueFrom(run, execution.input),
      StartTime: isoTime(execution.startedAt),
      Name: execution.executionName,
      // TestState may do without.
      RoleArn: execution.roleArn || null,
      // An Express execution cannot be redriven.
      ...(execution.type === 'STANDARD' && { RedriveCount: execution.redriveCount ?? 0 }),
      ...(execution.redrivenAt !== undefined && { RedriveTime: isoTime(execution.redrivenAt) }),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: execution.stateMachineName },
    State: {
      Name: state.name,
      EnteredTime: isoTime(active.enteredAt),
      ...(retried.includes(state.type) && { RetryCount: retryCount(active.retriesUsed) }),
    },
  };
  const item = mapItem(position);
  if (item) context.Map = { Item: item };
  if (taskToken !== undefined && integrationOf(state).waits) context.Task = { Token: taskToken };
  return context;
}

/** `Map.Item`: the innermost iteration that the frame is part of. */
function mapItem({ run, path, line }: Position): JsonObject | undefined {
  let inner = path;
  for (let depth = line.length - 2; depth >= 0; depth--) {
    const item = line[depth]?.state?.group?.items?.[childIndex(inner)];
    if (item !== undefined) return { Index: childIndex(inner), Value: valueFrom(run, item) };
    inner = parentPath(inner) ?? '';
  }
  return undefined;
}

export function retryCount(retriesUsed: Record<string, number>): number {
  let count = 0;
  for (const used of Object.values(retriesUsed)) count += used;
  return count;
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
