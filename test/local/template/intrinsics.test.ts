import { describe, expect, test } from 'vitest';
import { NO_VALUE, resolve, type Scope } from '../../../local/template/intrinsics.ts';

const scope: Scope = {
  ref: (name) => (name === 'AWS::NoValue' ? NO_VALUE : name === 'List' ? ['a', 'b'] : `ref:${name}`),
  getAtt: (logicalId, attribute) => `${logicalId}/${attribute}`,
  condition: (name) => name === 'Yes',
  findInMap: (map, first, second) => `${map}-${first}-${second}`,
};

describe('intrinsic functions', () => {
  test.each<[string, unknown, unknown]>([
    ['Ref', { Ref: 'Table' }, 'ref:Table'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'Table/Arn'],
    ['GetAtt as a text, with a dot in the attribute', { 'Fn::GetAtt': 'Nested.Outputs.Url' }, 'Nested/Outputs.Url'],
    ['Sub with names and attributes', { 'Fn::Sub': 'a-${Table}-${Table.Arn}' }, 'a-ref:Table-Table/Arn'],
    [
      'Sub with its own variables first',
      { 'Fn::Sub': ['${X}/${Table}', { X: { Ref: 'Queue' } }] },
      'ref:Queue/ref:Table',
    ],
    ['Sub leaves the escaped form as text', { 'Fn::Sub': '${!Literal} ${Table}' }, '${Literal} ref:Table'],
    ['Join of texts, numbers and functions', { 'Fn::Join': [':', ['a', 1, { Ref: 'T' }]] }, 'a:1:ref:T'],
    ['Join of a list that a function gives', { 'Fn::Join': ['+', { Ref: 'List' }] }, 'a+b'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'x/y/z'] }] }, 'y'],
    ['If, true', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    ['If, false', { 'Fn::If': ['No', 'a', { Ref: 'B' }] }, 'ref:B'],
    ['FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'R' }, 'k'] }, 'M-ref:R-k'],
    ['Equals compares texts and numbers alike', { 'Fn::Equals': ['1', 1] }, true],
    [
      'And, Or, Not',
      { 'Fn::And': [{ 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, { 'Fn::Not': [{ Condition: 'No' }] }] },
      true,
    ],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['a member without value disappears', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    [
      'an element without value disappears',
      [{ Ref: 'AWS::NoValue' }, { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }, 2],
      [2],
    ],
    ['an IAM condition is no intrinsic', { Condition: { Bool: { a: 'b' } } }, { Condition: { Bool: { a: 'b' } } }],
  ])('%s', (_title, value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  test('a function that is not known is named', () => {
    expect(() => resolve({ a: [{ 'Fn::Cidr': ['x'] }] }, scope)).toThrow('Fn::Cidr, which does not run locally');
  });
});
