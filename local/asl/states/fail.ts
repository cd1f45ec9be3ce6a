import { isExpression } from '../expression/jsonata.ts';
import { evaluatePathOrCall } from '../expression/payload-template.ts';
import { requireType } from '../expression/result-type.ts';
import { StateFailed } from '../failure.ts';
import { effectiveInput } from '../input.ts';
import { log, type Position, positionAt } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#fail-state */
export const fail: StateType = {
  async enter(position) {
    const error = await text(position, 'Error');
    const cause = await text(position, 'Cause');
    throw new StateFailed({ ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) });
  },

  /** Of all states the only one that is entered anew. */
  redrive(position) {
    const { run, path, state, active } = position;
    const details = { input: active.input, inputDetails: { truncated: false }, name: state.name };
    log(run, path, 'FailStateEntered', details);
    return this.enter(positionAt(run, path) ?? position);
  },
};

/** The field as it stands, as an expression gives it, or what its ...Path twin refers to. */
async function text(position: Position, field: 'Error' | 'Cause'): Promise<string | undefined> {
  const { run, state } = position;
  const literal = state.fields[field];
  const input = effectiveInput(position);
  if (state.language === 'JSONata') {
    if (!isExpression(literal)) return literal as string | undefined;
    const value = await evaluate(position, field, literal, input);
    requireType(value, 'string', literal, field);
    return value as string;
  }
  const path = state.fields[`${field}Path`];
  if (typeof path !== 'string') return literal as string | undefined;
  const value = evaluatePathOrCall(path, `${field}Path`, pathScope(position, input), run.surroundings);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
