import { checkDefinition } from './definition/check.ts';
import { InvalidDefinition } from './errors.ts';
import type { Json, JsonObject } from './expression/json-text.ts';

export { InvalidDefinition } from './errors.ts';

export const stateTypes = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'] as const;
export type StateTypeName = (typeof stateTypes)[number];
export type QueryLanguage = 'JSONPath' | 'JSONata';

/** States that lead to one another: the machine itself, a branch, an item processor. */
export interface StateGroup {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** A parsed definition. Immutable; safe to share between executions. */
export interface Machine extends StateGroup {
  /** The execution as a whole; its end is status TIMED_OUT. */
  readonly timeoutSeconds?: number;
}

export interface State {
  readonly name: string;
  readonly type: StateTypeName;
  readonly language: QueryLanguage;
  /** Where to go after this state; absent: the end of its group (or the state says itself, as Choice does). */
  readonly next?: string;
  /** The members as in the definition. */
  readonly fields: JsonObject;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
  /** Parallel: its branches. Map: its item processor alone. */
  readonly groups: readonly StateGroup[];
  /** Map with ProcessorConfig.Mode DISTRIBUTED. */
  readonly distributed: boolean;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds?: number;
  readonly jitter: 'NONE' | 'FULL';
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly fields: JsonObject;
}

/** Throws `InvalidDefinition` with the message of CreateStateMachine. */
export function parseMachine(definitionText: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): Machine {
  const { definition, problems } = checkDefinition(definitionText, type);
  if (definition === undefined || problems.length > 0) throw new InvalidDefinition(problems);
  const group = parseGroup(definition, 'JSONPath');
  const timeoutSeconds = definition.TimeoutSeconds;
  return typeof timeoutSeconds === 'number' ? { ...group, timeoutSeconds } : group;
}

function parseGroup(definition: JsonObject, inherited: QueryLanguage): StateGroup {
  const language = (definition.QueryLanguage as QueryLanguage | undefined) ?? inherited;
  const states = Object.entries(definition.States as JsonObject);
  return {
    startAt: definition.StartAt as string,
    states: new Map(states.map(([name, fields]) => [name, parseState(name, fields as JsonObject, language)])),
  };
}

function parseState(name: string, fields: JsonObject, inherited: QueryLanguage): State {
  const language = (fields.QueryLanguage as QueryLanguage | undefined) ?? inherited;
  const processor = (fields.ItemProcessor ?? fields.Iterator) as JsonObject | undefined;
  const groups = processor ? [processor] : ((fields.Branches ?? []) as JsonObject[]);
  const mode = (processor?.ProcessorConfig as JsonObject | undefined)?.Mode;
  return {
    name,
    type: fields.Type as StateTypeName,
    language,
    ...(typeof fields.Next === 'string' && { next: fields.Next }),
    fields,
    retriers: list(fields.Retry).map(parseRetrier),
    catchers: list(fields.Catch).map(parseCatcher),
    // A state's own QueryLanguage does not reach the states inside it; the machine's does.
    groups: groups.map((group) => parseGroup(group, inherited)),
    distributed: mode === 'DISTRIBUTED',
  };
}

function list(value: Json | undefined): JsonObject[] {
  return (value ?? []) as JsonObject[];
}

// The defaults are those of https://states-language.net/spec.html#retrying-after-error.
function parseRetrier(fields: JsonObject): Retrier {
  return {
    errorEquals: fields.ErrorEquals as string[],
    intervalSeconds: (fields.IntervalSeconds as number | undefined) ?? 1,
    maxAttempts: (fields.MaxAttempts as number | undefined) ?? 3,
    backoffRate: (fields.BackoffRate as number | undefined) ?? 2,
    ...(typeof fields.MaxDelaySeconds === 'number' && { maxDelaySeconds: fields.MaxDelaySeconds }),
    jitter: fields.JitterStrategy === 'FULL' ? 'FULL' : 'NONE',
  };
}

function parseCatcher(fields: JsonObject): Catcher {
  return { errorEquals: fields.ErrorEquals as string[], next: fields.Next as string, fields };
}
