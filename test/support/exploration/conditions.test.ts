import { expect, it } from 'vitest';
import { weakenings, withCondition } from './conditions.ts';
import { conditionsIn, couldRead } from './mutations.ts';

it('a condition is weakened by leaving out the whole, and each operand at any depth', () => {
  expect(weakenings('a = :a AND (attribute_not_exists(#b) OR (#b < :b AND c = :c))')).toEqual([
    { without: 'a = :a AND (attribute_not_exists(#b) OR (#b < :b AND c = :c))', condition: undefined },
    { without: 'a = :a', condition: '(attribute_not_exists(#b) OR (#b < :b AND c = :c))' },
    { without: 'attribute_not_exists(#b) OR (#b < :b AND c = :c)', condition: 'a = :a' },
    { without: 'attribute_not_exists(#b)', condition: 'a = :a AND ((#b < :b AND c = :c))' },
    { without: '#b < :b AND c = :c', condition: 'a = :a AND (attribute_not_exists(#b))' },
    { without: '#b < :b', condition: 'a = :a AND (attribute_not_exists(#b) OR (c = :c))' },
    { without: 'c = :c', condition: 'a = :a AND (attribute_not_exists(#b) OR (#b < :b))' },
  ]);
});

it('parentheses around the whole are none, and two groups beside each other are not one', () => {
  expect(weakenings('(a = :a)')).toEqual([{ without: '(a = :a)', condition: undefined }]);
  expect(weakenings('(a = :a OR b = :b) AND (c = :c)').map(({ without }) => without)).toEqual([
    '(a = :a OR b = :b) AND (c = :c)',
    'a = :a OR b = :b',
    'a = :a',
    'b = :b',
    'c = :c',
  ]);
});

it.each(['NOT a = :a', 'a BETWEEN :low AND :high'])('%s is not taken apart wrongly', (condition) => {
  expect(() => weakenings(condition)).toThrow('cannot take this condition apart');
});

it('a weakened write has no name and no value that it does not use', () => {
  const write = {
    UpdateExpression: 'SET #a = :a',
    ConditionExpression: '#b < :b AND c = :c',
    ExpressionAttributeNames: { '#a': 'a', '#b': 'b' },
    ExpressionAttributeValues: { ':a': 1, ':b': 2, ':c': 3 },
  };
  expect(withCondition(write, 'c = :c')).toEqual({
    UpdateExpression: 'SET #a = :a',
    ConditionExpression: 'c = :c',
    ExpressionAttributeNames: { '#a': 'a' },
    ExpressionAttributeValues: { ':a': 1, ':c': 3 },
  });
  expect(withCondition({ ConditionExpression: '#b < :b', ExpressionAttributeNames: { '#b': 'b' } }, undefined)).toEqual(
    {},
  );
});

it('conditions are found in a source, with whatever they are put together from', () => {
  const source =
    "{ ConditionExpression:\n // why\n 'a = :a', KeyConditionExpression: 'k = :k' } { ConditionExpression: `${x} AND (b)` }";
  expect(conditionsIn(source)).toEqual(['a = :a', '${x} AND (b)']);
  expect(couldRead('${x} AND (b)', 'a = :a AND (b)')).toBe(true);
  expect(couldRead('${x} AND (b)', '(b)')).toBe(false);
  expect(() => conditionsIn('{ ConditionExpression: condition }')).toThrow('cannot be read');
});
