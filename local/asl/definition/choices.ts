import { choiceOperators } from '../expression/choice-operator.ts';
import { isObject, type Json, type JsonObject } from '../expression/json-text.ts';
import { parseTimestamp } from '../expression/timestamp.ts';
import { checkExpressions, checkJsonata, checkJsonPath, type Language } from './expressions.ts';
import { type Inspection, report } from './inspection.ts';

/** https://states-language.net/spec.html#choice-state */
export function checkChoices(inspection: Inspection, place: string, state: JsonObject, language: Language) {
  const { Choices } = state;
  if (Choices === undefined) return;
  if (!Array.isArray(Choices)) return report(inspection, `${place}/Choices`, 'Expected value of type Array');
  if (Choices.length === 0) return report(inspection, `${place}/Choices`, 'Value cannot be empty');
  for (const [index, rule] of Choices.entries()) {
    const at = `${place}/Choices[${index}]`;
    if (!isObject(rule)) report(inspection, at, 'Expected value of type Object');
    else checkRule(inspection, at, rule, language);
  }
}

function checkRule(inspection: Inspection, at: string, rule: JsonObject, language: Language) {
  if (typeof rule.Next !== 'string') report(inspection, at, 'These fields are required: [Next]');
  checkExpressions(inspection, at, rule, language);
  if (language === 'JSONPath') return checkComparison(inspection, at, rule);
  if (rule.Condition === undefined) return report(inspection, at, 'These fields are required: [Condition]');
  checkJsonata(inspection, `${at}/Condition`, rule.Condition);
}

function checkComparison(inspection: Inspection, at: string, rule: JsonObject) {
  for (const field of ['And', 'Or']) {
    const inner = rule[field];
    if (inner === undefined) continue;
    if (!Array.isArray(inner) || inner.length === 0)
      return report(inspection, `${at}/${field}`, 'Value cannot be empty');
    for (const [index, one] of inner.entries()) checkInner(inspection, `${at}/${field}[${index}]`, one);
    return;
  }
  if (rule.Not !== undefined) return checkInner(inspection, `${at}/Not`, rule.Not);
  if (typeof rule.Variable !== 'string') return report(inspection, at, 'These fields are required: [Variable]');
  checkJsonPath(inspection, `${at}/Variable`, rule.Variable);
  const operators = Object.keys(rule).filter((field) => choiceOperators.has(field));
  if (operators.length === 0) report(inspection, at, 'A Choice rule must have a comparison operator');
  if (operators.length > 1) report(inspection, at, 'A Choice rule must have only one comparison operator');
  for (const operator of operators) checkOperand(inspection, `${at}/${operator}`, operator, rule[operator]);
}

function checkOperand(inspection: Inspection, at: string, operator: string, operand: Json | undefined) {
  const type = choiceOperators.get(operator);
  const wanted = type === 'path' || type === 'timestamp' ? 'string' : type;
  if (typeof operand !== wanted) {
    const name = `${wanted?.charAt(0).toUpperCase()}${wanted?.slice(1)}`;
    return report(inspection, at, `Expected value of type ${name}`);
  }
  if (type === 'path') checkJsonPath(inspection, at, String(operand));
  if (type === 'timestamp' && parseTimestamp(String(operand)) === undefined) {
    report(inspection, at, 'String does not match RFC3339 timestamp');
  }
}

function checkInner(inspection: Inspection, at: string, rule: Json) {
  if (isObject(rule)) checkComparison(inspection, at, rule);
  else report(inspection, at, 'Expected value of type Object');
}
