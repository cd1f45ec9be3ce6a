import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPath } from '../../../../local/asl/expression/json-path.ts';
import type { Json } from '../../../../local/asl/expression/json-text.ts';
import { isReferencePath, writeReferencePath } from '../../../../local/asl/expression/reference-path.ts';

describe('reference paths', () => {
  it('puts the result where the path says and leaves the rest alone', () => {
    const input = { order: { id: 7, lines: [1, 2] } };
    expect(writeReferencePath('$', input, 'r')).toBe('r');
    expect(writeReferencePath('$.order.label', input, 'r')).toEqual({ order: { id: 7, lines: [1, 2], label: 'r' } });
    expect(writeReferencePath('$.made.on.the.way', input, 'r')).toEqual({
      ...input,
      made: { on: { the: { way: 'r' } } },
    });
    expect(writeReferencePath('$.order.lines[1]', input, 'r')).toEqual({ order: { id: 7, lines: [1, 'r'] } });
    expect(input).toEqual({ order: { id: 7, lines: [1, 2] } });
  });

  it('fails when the input has something else in the way', () => {
    expect(() => writeReferencePath('$.order.id', { order: 'text' }, 1)).toThrow(
      expect.objectContaining({
        error: 'States.ResultPathMatchFailure',
        message: 'Unable to apply ReferencePath $.order.id to input {"order":"text"}',
      }),
    );
    expect(() => writeReferencePath('$.a', [1], 1)).toThrow('Unable to apply ReferencePath');
    expect(() => writeReferencePath('$.a[3]', { a: [1] }, 1)).toThrow('Unable to apply ReferencePath');
  });

  const names = fc.array(fc.stringMatching(/^[a-c]$/), { minLength: 1, maxLength: 4 });
  const objects = fc.dictionary(
    fc.stringMatching(/^[a-c]$/),
    fc.dictionary(fc.stringMatching(/^[a-c]$/), fc.jsonValue()),
  );

  it('reads back what it wrote, and only the named member differs', () => {
    fc.assert(
      fc.property(names, objects, fc.jsonValue(), (path, object, value) => {
        const text = `$.${path.join('.')}`;
        const input = object as Json;
        let output: Json;
        try {
          output = writeReferencePath(text, input, value as Json);
        } catch {
          return;
        }
        expect(readPath(text, { input: output, context: {}, variables: {} })).toEqual(value);
        const [first] = path as [string];
        expect({ ...(output as object), [first]: 0 }).toEqual({ ...(input as object), [first]: 0 });
      }),
    );
  });

  it('tells paths that name one place from the others', () => {
    for (const path of ['$', '$.a', "$.a[0]['b']"]) expect(isReferencePath(path), path).toBe(true);
    for (const path of ['$.a[*]', '$..a', '$.a[-1]', '$.a[1:]', "$['a','b']", 'a', '$.']) {
      expect(isReferencePath(path), path).toBe(false);
    }
  });
});
