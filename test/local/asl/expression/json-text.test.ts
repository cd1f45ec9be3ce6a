import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitJson, isEqual, type Json, joinJson, parseJson } from '../../../../local/asl/expression/json-text.ts';

describe('JSON text', () => {
  it('gives an unchanged document back as it was written', () => {
    const text = ' { "b" : 1.0,\n "a": [1,  2] } ';
    expect(emitJson(parseJson(text))).toBe(text);
  });

  it('keeps the texts of documents that were joined in an array', () => {
    expect(emitJson(joinJson(['[[1, 2], [3]]', '1.0']))).toBe('[[[1, 2], [3]],1.0]');
  });

  it('writes a document compactly that became part of a computed one', () => {
    const document = parseJson('[1, 2]');
    expect(emitJson({ result: document, next: 1 })).toBe('{"result":[1,2],"next":1}');
  });

  it('writes a part picked out of a document compactly', () => {
    const document = parseJson('{ "items": [1, 2] }') as { items: Json };
    expect(emitJson(document.items)).toBe('[1,2]');
  });

  it('writes what JSON.stringify would write for computed values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(emitJson(value as Json)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(isEqual(parseJson(emitJson(parseJson(text))), JSON.parse(text))).toBe(true);
      }),
    );
  });

  it('finds objects equal whatever the order of their members', () => {
    expect(isEqual({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).toBe(true);
    expect(isEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(isEqual({ a: 1 }, { b: 1 })).toBe(false);
    expect(isEqual([1, 2], [2, 1])).toBe(false);
    expect(isEqual(null, {})).toBe(false);
  });
});
