/**
 * FilterCriteria: which records a function sees. A pattern has the shape of the record; its leaves are arrays of alternatives.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
type Test = (value: unknown) => boolean;

/** A record passes if one of the patterns (JSON text) matches; without patterns every record does. Throws at what no pattern can be. */
export function compileFilter(patterns: readonly string[] = []): Test {
  const tests = patterns.map((text) => compileObject(JSON.parse(text), text));
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

function compileObject(pattern: unknown, where: string): Test {
  if (!isObject(pattern)) throw invalid(where, 'an object whose leaves are arrays', pattern);
  const tests = Object.entries(pattern).map(([key, inner]): Test => {
    if (key === '$or') {
      if (!Array.isArray(inner)) throw invalid(where, '$or with an array of patterns', inner);
      const alternatives = inner.map((one) => compileObject(one, where));
      return (value) => alternatives.some((test) => test(value));
    }
    const test = Array.isArray(inner) ? compileLeaf(inner, where) : compileObject(inner, where);
    return (value) => test(isObject(value) ? value[key] : undefined);
  });
  return (value) => tests.every((test) => test(value));
}

function compileLeaf(alternatives: readonly unknown[], where: string): Test {
  const tests = alternatives.map((one) => (isObject(one) ? compileOperator(one, where) : exactly(one)));
  return (value) => tests.some((test) => test(value));
}

function exactly(expected: unknown): Test {
  return anyOf((value) => value === expected);
}

function compileOperator(rule: Record<string, unknown>, where: string): Test {
  const [[operator, operand]] = Object.entries(rule) as [[string, unknown]];
  switch (operator) {
    case 'exists':
      // Only leaves exist: `{ "exists": true }` on an object is never true, as in the service.
      return (value) => (value !== undefined && !isObject(value)) === operand;
    case 'prefix':
      return text(operand, where, (value, prefix) => value.startsWith(prefix));
    case 'suffix':
      return text(operand, where, (value, suffix) => value.endsWith(suffix));
    case 'equals-ignore-case':
      return text(operand, where, (value, other) => value.toLowerCase() === other.toLowerCase());
    case 'numeric':
      return numeric(operand, where);
    case 'anything-but': {
      const excluded = Array.isArray(operand) ? operand : [operand];
      const tests = excluded.map((one) => (isObject(one) ? compileOperator(one, where) : exactly(one)));
      return (value) => value !== undefined && !isObject(value) && !tests.some((test) => test(value));
    }
    default:
      throw invalid(where, 'exists, prefix, suffix, equals-ignore-case, numeric or anything-but', operator);
  }
}

function text(operand: unknown, where: string, holds: (value: string, operand: string) => boolean): Test {
  if (isObject(operand) && typeof operand['equals-ignore-case'] === 'string') {
    const folded = operand['equals-ignore-case'].toLowerCase();
    return anyOf((value) => typeof value === 'string' && holds(value.toLowerCase(), folded));
  }
  if (typeof operand !== 'string') throw invalid(where, 'a text', operand);
  return anyOf((value) => typeof value === 'string' && holds(value, operand));
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 5]` or `[">", 0, "<=", 10]`. Matches JSON numbers only, so never the `N` of a DynamoDB item, which is a text. */
function numeric(operand: unknown, where: string): Test {
  const parts: unknown[] = Array.isArray(operand) ? operand : [];
  if (parts.length !== 2 && parts.length !== 4) throw invalid(where, 'numeric with one or two comparisons', operand);
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const holds = comparisons[String(parts[i])];
    const bound = parts[i + 1];
    if (!holds || typeof bound !== 'number') throw invalid(where, '=, <, <=, > or >= and a number', operand);
    tests.push((value) => holds(value, bound));
  }
  return anyOf((value) => typeof value === 'number' && tests.every((test) => test(value)));
}

/** An array in the record matches if one of its elements does. */
function anyOf(test: Test): Test {
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, expected: string, found: unknown): Error {
  return new Error(`Filter pattern ${where}: expected ${expected}, found ${JSON.stringify(found)}`);
}
