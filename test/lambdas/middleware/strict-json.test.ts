import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPointer, maxDepth, NotStrictJson, parseStrictJson } from '../../../lambdas/middleware/strict-json.ts';

const refused = (text: string) => {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof NotStrictJson) return { message: error.message, pointer: error.pointer };
    throw error;
  }
  return undefined;
};

describe('a JSON body', () => {
  it('is read as JSON.parse reads it, whatever its strings and spaces', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', '/a'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"a":[0,{"b":1},{"c/d":{}, "x":[] ,"c/d":1}]}', '/a/2/c~1d'],
    ['{"":1,"":2}', '/'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['[[],{"a":"}","b":"{\\"a\\":","a":1}]', '/1/a'],
  ])('%s has a member twice, at %s', (text, pointer) => {
    expect(refused(text)).toEqual({ message: 'this member occurs twice', pointer });
  });

  it('may use a name again elsewhere, and as a value', () => {
    expect(refused('{"a":{"a":["a","a"]},"b":{"a":"b"},"c":"a"}')).toBeUndefined();
  });

  it.each([
    ['{"a":["x","\\ud800"]}', '/a/1'],
    ['{"a":"\\uDC00\\uD83D"}', '/a'],
    ['"\\ud83dx"', ''],
    ['{"\\ud800":1}', '/\ufffd'],
  ])('%s has half of a character, at %s', (text, pointer) => {
    expect(refused(text)).toEqual({ message: 'half of a character', pointer });
  });

  it('may escape a whole character, and what only looks like the half of one', () => {
    expect(refused('["\\ud83d\\ude00", "\\u00fc", "\\\\ud800"]')).toBeUndefined();
  });

  it('nests at most as deep as any body of ours', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(refused(nested(maxDepth))).toBeUndefined();
    expect(refused(nested(maxDepth + 2))?.message).toContain('nested deeper');
    expect(refused('['.repeat(30_000) + ']'.repeat(30_000))?.message).toContain('nested deeper');
  });

  it.each(['', '{', '{"a":1,}', "{'a':1}", '01', 'NaN', '{"a":1}{', '\ufeff{}'])('%j is not JSON', (text) => {
    expect(refused(text)).toBeDefined();
  });
});

it('a JSON pointer escapes what it must', () => {
  expect(jsonPointer(['a/b', 0, 'm~n', ''])).toBe('/a~1b/0/m~0n/');
  expect(jsonPointer([])).toBe('');
});
