import { ExpressionFailed } from './errors.ts';
import { findPath } from './json-path.ts';
import type { Json, JsonObject } from './json-text.ts';
import type { PathScope } from './path-scope.ts';
import { matchesWildcards } from './string-matches.ts';
import { parseTimestamp } from './timestamp.ts';

export type OperandType = 'string' | 'number' | 'boolean' | 'timestamp' | 'path';

/** Makes a value comparable: undefined, which compares with nothing, if it is not of the operator's type. */
const readers: Record<string, { type: OperandType; read(value: Json): string | number | boolean | undefined }> = {
  String: { type: 'string', read: (value) => (typeof value === 'string' ? value : undefined) },
  Numeric: { type: 'number', read: (value) => (typeof value === 'number' ? value : undefined) },
  Boolean: { type: 'boolean', read: (value) => (typeof value === 'boolean' ? value : undefined) },
  Timestamp: { type: 'timestamp', read: (value) => (typeof value === 'string' ? parseTimestamp(value) : undefined) },
};

type Comparable = string | number | boolean;
const relations: Record<string, (a: Comparable, b: Comparable) => boolean> = {
  Equals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThan: (a, b) => a > b,
  GreaterThanEquals: (a, b) => a >= b,
};

const tests: Record<string, (value: Json | undefined) => boolean> = {
  IsPresent: (value) => value !== undefined,
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => typeof value === 'string' && parseTimestamp(value) !== undefined,
};

interface Operator {
  /** What the operand in the definition must be. */
  operand: OperandType;
  holds(value: Json | undefined, operand: Json): boolean;
}

const operators = new Map<string, Operator>();
for (const [subject, { type, read }] of Object.entries(readers)) {
  for (const [relation, holds] of Object.entries(relations)) {
    if (subject === 'Boolean' && relation !== 'Equals') continue;
    const compare = (value: Json | undefined, operand: Json): boolean => {
      const [a, b] = [value === undefined ? undefined : read(value), read(operand)];
      return a !== undefined && b !== undefined && holds(a, b);
    };
    operators.set(`${subject}${relation}`, { operand: type, holds: compare });
    operators.set(`${subject}${relation}Path`, { operand: 'path', holds: compare });
  }
}
for (const [name, test] of Object.entries(tests)) {
  operators.set(name, { operand: 'boolean', holds: (value, expected) => test(value) === expected });
}
operators.set('StringMatches', {
  operand: 'string',
  holds: (value, pattern) =>
    typeof value === 'string' && typeof pattern === 'string' && matchesWildcards(value, pattern),
});

/** The comparison operators and the type that their operand must have (`path` for the ones ending in `Path`). */
export const choiceOperators: ReadonlyMap<string, OperandType> = new Map(
  [...operators].map(([name, { operand }]) => [name, operand]),
);

/**
 * Whether a rule of a JSONPath Choice state holds: And, Or, Not and every comparison, recursively. A value of another type
 * than the operator's is no error, the comparison just does not hold.
 * https://states-language.net/spec.html#choice-state
 * @throws ExpressionFailed States.Runtime if a path of the rule leads nowhere (but for IsPresent)
 */
export function evaluateChoiceRule(rule: JsonObject, scope: PathScope): boolean {
  if (rule.And !== undefined) return (rule.And as JsonObject[]).every((part) => evaluateChoiceRule(part, scope));
  if (rule.Or !== undefined) return (rule.Or as JsonObject[]).some((part) => evaluateChoiceRule(part, scope));
  if (rule.Not !== undefined) return !evaluateChoiceRule(rule.Not as JsonObject, scope);
  const name = Object.keys(rule).find((member) => operators.has(member))!;
  const operator = operators.get(name)!;
  const variable = rule.Variable as string;
  const value = name === 'IsPresent' ? findPath(variable, scope) : readOperand(variable, scope);
  const operand = rule[name]!;
  return operator.holds(value, operator.operand === 'path' ? readOperand(operand as string, scope) : operand);
}

function readOperand(path: string, scope: PathScope): Json {
  const value = findPath(path, scope);
  if (value !== undefined) return value;
  throw new ExpressionFailed(
    'States.Runtime',
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
}
