import { describe, expect, it } from 'vitest';
import { choiceOperators, evaluateChoiceRule } from '../../../../local/asl/expression/choice-operator.ts';
import type { Json, JsonObject } from '../../../../local/asl/expression/json-text.ts';

const holds = (rule: JsonObject, input: Json) =>
  evaluateChoiceRule(rule, { input, context: {}, variables: { limit: 5 } });
const compare = (operator: string, value: Json, operand: Json) =>
  holds({ Variable: '$.v', [operator]: operand }, { v: value });

describe('Choice rules', () => {
  it.each<[string, Json, Json, boolean]>([
    ['StringEquals', 'a', 'a', true],
    ['StringLessThan', 'Z', 'a', true],
    ['StringGreaterThanEquals', 'a', 'a', true],
    ['NumericEquals', 0, 0.0, true],
    ['NumericLessThanEquals', 5, 5, true],
    ['NumericGreaterThan', 5, 5, false],
    ['BooleanEquals', false, false, true],
    ['TimestampEquals', '2024-01-01T10:00:00Z', '2024-01-01T11:00:00+01:00', true],
    ['TimestampLessThan', '2024-01-01T10:00:00Z', '2024-01-01T10:00:00.001Z', true],
    ['StringMatches', 'log-12.txt', 'log-*.txt', true],
    ['IsNull', null, true, true],
    ['IsNull', 0, false, true],
    ['IsNumeric', '1', true, false],
    ['IsTimestamp', '2024-01-01', true, false],
    ['IsTimestamp', '2024-01-01T00:00:00Z', true, true],
    ['IsPresent', null, true, true],
  ])('%s of %j and %j: %j', (operator, value, operand, expected) => {
    expect(compare(operator, value, operand)).toBe(expected);
  });

  it('does not hold, and does not fail, for values of another type', () => {
    const values: Json[] = [null, true, 1, 'a', [], {}, '2024-01-01'];
    const operands: Record<string, Json> = {
      String: 'a',
      Numeric: 1,
      Boolean: true,
      Timestamp: '2024-01-01T00:00:00Z',
    };
    for (const [subject, operand] of Object.entries(operands)) {
      for (const value of values.filter((one) => typeof one !== typeof operand || subject === 'Timestamp')) {
        for (const relation of ['Equals', 'LessThan', 'GreaterThanEquals']) {
          if (choiceOperators.has(subject + relation)) expect(compare(subject + relation, value, operand)).toBe(false);
        }
      }
    }
  });

  it('compares with what a path or a variable leads to', () => {
    expect(holds({ Variable: '$.v', NumericLessThanPath: '$limit' }, { v: 4 })).toBe(true);
    expect(holds({ Variable: '$.v', StringEqualsPath: '$.w' }, { v: 'a', w: 'b' })).toBe(false);
  });

  it('joins rules with And, Or and Not', () => {
    const present = (name: string): JsonObject => ({ Variable: `$.${name}`, IsPresent: true });
    const rule = { And: [present('a'), { Not: { Or: [present('b'), present('c')] } }] };
    expect(holds(rule, { a: 1 })).toBe(true);
    expect(holds(rule, { a: 1, c: 1 })).toBe(false);
    expect(holds(rule, {})).toBe(false);
  });

  it('stops at the first part that decides, so that a presence check protects the next comparison', () => {
    const first = { Variable: '$.v', IsPresent: true };
    expect(holds({ And: [first, { Variable: '$.v', NumericEquals: 1 }] }, {})).toBe(false);
  });

  it('fails when there is nothing to compare', () => {
    const cause = "Invalid path '$.v': The choice state's condition path references an invalid value.";
    expect(() => holds({ Variable: '$.v', IsNull: true }, {})).toThrow(
      expect.objectContaining({ error: 'States.Runtime', message: cause }),
    );
    expect(holds({ Variable: '$.v', IsPresent: false }, {})).toBe(true);
  });

  it('knows every operator of the language', () => {
    // 5 relations of 3 types and BooleanEquals, each with a Path form; 6 Is...; StringMatches
    expect(choiceOperators.size).toBe((5 * 3 + 1) * 2 + 6 + 1);
    expect(choiceOperators.get('TimestampEqualsPath')).toBe('path');
  });
});
