import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../../../local/aws/event-sources/filter-criteria.ts';

const record = {
  eventName: 'MODIFY',
  size: 42,
  flag: null,
  tags: ['red', 'blue'],
  dynamodb: { NewImage: { status: { S: 'answered' }, n: { N: '7' }, answer: { M: { action: { S: 'Picked' } } } } },
};

describe('passes', () => {
  test.each([
    { eventName: ['INSERT', 'MODIFY'] },
    { size: [42] },
    { flag: [null] },
    { tags: ['blue'] },
    { dynamodb: { NewImage: { status: { S: ['answered'] } } } },
    { dynamodb: { NewImage: { status: { S: [{ prefix: 'ans' }] } } }, eventName: [{ suffix: 'IFY' }] },
    { dynamodb: { NewImage: { answer: { M: { action: { S: [{ exists: true }] } } } } } },
    { dynamodb: { NewImage: { deliveredAt: { S: [{ exists: false }] } } } },
    { dynamodb: { OldImage: { status: { S: [{ exists: false }] } } } },
    { dynamodb: { NewImage: { answer: { M: { action: { S: [{ 'equals-ignore-case': 'picked' }] } } } } } },
    { dynamodb: { NewImage: { answer: { M: { action: { S: [{ prefix: { 'equals-ignore-case': 'PI' } }] } } } } } },
    { size: [{ numeric: ['>', 0, '<=', 42] }] },
    { size: [{ numeric: ['=', 1] }, { numeric: ['>=', 42] }] },
    { eventName: [{ 'anything-but': 'REMOVE' }] },
    { eventName: [{ 'anything-but': ['REMOVE', 'INSERT'] }] },
    { eventName: [{ 'anything-but': { prefix: 'REM' } }] },
    { $or: [{ eventName: ['INSERT'] }, { size: [42] }] },
    {},
  ])('%j', (pattern) => {
    expect(compileFilter([JSON.stringify(pattern)])(record)).toBe(true);
  });
});

describe('does not pass', () => {
  test.each([
    { eventName: ['INSERT'] },
    { size: ['42'] },
    { flag: [false] },
    { eventName: ['MODIFY'], size: [1] },
    { dynamodb: { NewImage: { answer: [{ exists: true }] } } },
    { dynamodb: { NewImage: { n: { N: [{ numeric: ['=', 7] }] } } } },
    { dynamodb: { NewImage: { missing: { S: [{ 'anything-but': 'x' }] } } } },
    { eventName: [{ 'anything-but': ['MODIFY'] }] },
    { size: [{ numeric: ['<', 42] }] },
    { tags: ['green'] },
    { eventName: { deeper: ['MODIFY'] } },
    { eventName: [] },
  ])('%j', (pattern) => {
    expect(compileFilter([JSON.stringify(pattern)])(record)).toBe(false);
  });
});

test('one of several patterns is enough, and none means everything', () => {
  expect(compileFilter(['{"size":[1]}', '{"size":[42]}'])(record)).toBe(true);
  expect(compileFilter([])(record)).toBe(true);
  expect(compileFilter()(record)).toBe(true);
});

test.each([
  ['{"a":"x"}', /expected an object whose leaves are arrays, found "x"/],
  ['{"a":[{"cidr":"10.0.0.0/8"}]}', /expected exists, prefix, .* found "cidr"/],
  ['{"a":[{"numeric":["~",1]}]}', /expected =, </],
  ['{"a":[{"prefix":1}]}', /expected a text, found 1/],
])('%s is refused with a sentence', (pattern, message) => {
  expect(() => compileFilter([pattern])).toThrow(message);
});
