import { readPath } from '../expression/json-path.ts';
import { emitJson, type Json } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { requireType } from '../expression/result-type.ts';
import { parseTimestamp } from '../expression/timestamp.ts';
import { runtimeFailure, unusableResult } from '../failure.ts';
import { effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { maxWaitSeconds } from '../limits.ts';
import { outcomeOf } from '../output.ts';
import { note, type Position } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#wait-state */
export const wait: StateType = {
  async enter(position) {
    const { at } = position.run.surroundings;
    const dueAt = await dueTime(position, effectiveInput(position));
    if (dueAt - at > maxWaitSeconds * 1000) throw runtimeFailure(position, 'Wait state delay is too long.');
    if (dueAt <= at) return leave(position);
    note(position.run, position.path, { fact: 'WaitBegan', dueAt });
  },
  elapsed: leave,
};

async function leave(position: Position): Promise<void> {
  exitState(position, await outcomeOf(position, effectiveInput(position)));
}

/** Milliseconds since the epoch. */
async function dueTime(position: Position, input: Json): Promise<number> {
  const { run, state } = position;
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = state.fields;
  const { at } = run.surroundings;
  if (typeof SecondsPath === 'string') return at + 1000 * pathSeconds(position, SecondsPath, input);
  if (typeof TimestampPath === 'string') return pathTimestamp(position, TimestampPath, input);
  if (Seconds !== undefined) return at + 1000 * (await seconds(position, Seconds, input));
  return timestamp(position, Timestamp as Json, input);
}

async function seconds(position: Position, field: Json, input: Json): Promise<number> {
  if (!isExpression(field)) return Number(field);
  const value = await evaluate(position, 'Seconds', field, input);
  requireType(value, 'number', field, 'Seconds');
  if (!Number.isInteger(value) || (value as number) < 0) {
    throw unusableResult(
      position,
      `The Seconds field must be a non-negative integer but was: ${emitJson(value)}`,
      'Seconds',
    );
  }
  return value as number;
}

async function timestamp(position: Position, field: Json, input: Json): Promise<number> {
  let value = field;
  if (isExpression(field)) {
    value = await evaluate(position, 'Timestamp', field, input);
    requireType(value, 'string', field, 'Timestamp');
  }
  const time = parseTimestamp(String(value));
  if (time === undefined) {
    throw unusableResult(
      position,
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${value}`,
      'Timestamp',
    );
  }
  return time;
}

function pathSeconds(position: Position, path: string, input: Json): number {
  const value = readPath(path, pathScope(position, input));
  const shown = `${path} == ${typeof value === 'string' ? value : emitJson(value)}`;
  if (!Number.isInteger(value)) {
    throw runtimeFailure(position, `The SecondsPath parameter cannot be parsed as a long value: ${shown}`);
  }
  if ((value as number) < 0) {
    throw runtimeFailure(position, `The SecondsPath parameter references a negative value: ${shown}`);
  }
  return value as number;
}

function pathTimestamp(position: Position, path: string, input: Json): number {
  const value = readPath(path, pathScope(position, input));
  const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (time === undefined) {
    const shown = `${path} == ${typeof value === 'string' ? value : emitJson(value)}`;
    throw runtimeFailure(
      position,
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${shown}`,
    );
  }
  return time;
}
