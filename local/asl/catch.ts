import { assign } from './assign.ts';
import type { JsonObject } from './expression/json-text.ts';
import type { Failure } from './failure.ts';
import type { Catcher } from './machine.ts';
import { jsonataOutcome, type Outcome, putResult } from './output.ts';
import { matches } from './retry.ts';
import { type Position, textOf, valueFrom } from './run.ts';

export function findCatcher({ state }: Position, failure: Failure): Catcher | undefined {
  return state.catchers.find(({ errorEquals }) => matches(errorEquals, failure));
}

/**
 * What a caught state leaves with. Of the state's own fields none applies.
 * https://states-language.net/spec.html#fallback-states
 */
export async function catchOutcome(position: Position, { fields }: Catcher, failure: Failure): Promise<Outcome> {
  const { run, state, active } = position;
  const errorOutput = errorOutputOf(failure);
  const input = valueFrom(run, active.input);
  if (state.language === 'JSONata') {
    return jsonataOutcome(position, fields.Output, fields.Assign, input, { errorOutput });
  }
  const assigned = fields.Assign === undefined ? {} : await assign(position, fields.Assign, errorOutput, {});
  const { ResultPath = '$' } = fields;
  return { output: textOf(run, putResult(input, errorOutput, ResultPath)), assigned };
}

/** The error object. SendTaskFailure without error and cause gives nulls; a timeout's cause is the empty text. */
function errorOutputOf({ error, cause }: Failure): JsonObject {
  return { Error: error ?? null, Cause: cause ?? (error === 'States.Timeout' ? '' : null) };
}
