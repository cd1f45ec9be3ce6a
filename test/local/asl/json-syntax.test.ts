import { describe, expect, it } from 'vitest';
import { findSyntaxProblem } from '../../../local/asl/json-syntax.ts';

describe('findSyntaxProblem', () => {
  it.each(['{}', ' [1, "a", null]\n', '"x"', '-1.5e3'])('finds nothing wrong with %j', (text) => {
    expect(findSyntaxProblem(text)).toBeUndefined();
  });

  it.each([
    ["{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 1, 3],
    ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 1, 7],
    ['{"a": 1\n "b": 2}', "Unexpected character ('\"' (code 34)): was expecting comma", 2, 3],
    ['[1, nul]', "Unrecognized token 'nul'", 1, 8],
    ['[1 2]', 'was expecting comma to separate Array entries', 1, 5],
    ['{"a": ', 'Unexpected end-of-input', 1, 7],
    ['{"a": "b', 'Unexpected end-of-input: was expecting closing quote', 1, 9],
    ['{} {}', 'was expecting end of input', 1, 5],
  ])('says where and why %j is no JSON', (text, message, line, column) => {
    const problem = findSyntaxProblem(text);
    expect(problem?.message).toContain(message);
    expect(problem).toMatchObject({ line, column });
  });
});
