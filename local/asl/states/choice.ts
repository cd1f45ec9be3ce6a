import { assign } from '../assign.ts';
import { evaluateChoiceRule } from '../expression/choice-operator.ts';
import type { Json, JsonObject } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { requireType } from '../expression/result-type.ts';
import { StateFailed } from '../failure.ts';
import { effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { applyOutputPath, jsonataOutcome, type Outcome } from '../output.ts';
import { type Position, textOf } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#choice-state */
export const choice: StateType = {
  async enter(position) {
    const input = effectiveInput(position);
    const { fields } = position.state;
    const rule = await firstMatch(position, input);
    // Without a match Default applies, with the state's own Assign and Output.
    const next = rule ? rule.Next : fields.Default;
    if (typeof next !== 'string') throw noChoiceMatched(position);
    exitState(position, await outcome(position, input, rule ?? fields), next);
  },
};

async function firstMatch(position: Position, input: Json): Promise<JsonObject | undefined> {
  const rules = position.state.fields.Choices as JsonObject[];
  if (position.state.language === 'JSONPath') {
    const scope = pathScope(position, input);
    return rules.find((rule) => evaluateChoiceRule(rule, scope));
  }
  for (const [index, rule] of rules.entries()) {
    if (await holds(position, rule.Condition as Json, `Choices[${index}]/Condition`, input)) return rule;
  }
  return undefined;
}

async function holds(position: Position, condition: Json, field: string, input: Json): Promise<boolean> {
  if (!isExpression(condition)) return condition === true;
  const value = await evaluate(position, field, condition, input);
  requireType(value, 'boolean', condition, field);
  return value === true;
}

async function outcome(position: Position, input: Json, source: JsonObject): Promise<Outcome> {
  if (position.state.language === 'JSONata') {
    return jsonataOutcome(position, source.Output, source.Assign, input, {});
  }
  const assigned = source.Assign === undefined ? {} : await assign(position, source.Assign, input, {});
  return { output: textOf(position.run, applyOutputPath(position, input)), assigned };
}

function noChoiceMatched({ active, state }: Position): StateFailed {
  const cause = `An error occurred while executing the state '${state.name}' (entered at the event id #${active.enteredEventId}). Failed to transition out of the state. The state does not point to a next state.`;
  return new StateFailed({ error: 'States.NoChoiceMatched', cause });
}
