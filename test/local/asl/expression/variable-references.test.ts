import { expect, it } from 'vitest';
import {
  variablesOfPath,
  variablesOfPayloadTemplate,
  variablesOfTemplate,
} from '../../../../local/asl/expression/variable-references.ts';

it('finds the variable that a path starts from', () => {
  expect(variablesOfPath('$order.id')).toEqual(['order']);
  expect(variablesOfPath('$.order')).toEqual([]);
  expect(variablesOfPath('$$.Execution')).toEqual([]);
});

it('finds the variables of a payload template, in paths and in calls inside calls', () => {
  const template = { 'a.$': '$x', b: [{ 'c.$': 'States.Array($y, States.MathAdd($z[0], $.n))' }], d: '$none' };
  expect(variablesOfPayloadTemplate(template)).toEqual(['x', 'y', 'z']);
});

it('finds the variables of JSONata fields', () => {
  expect(variablesOfTemplate({ a: '{% $x + $states.input.y %}', b: ['{% $z %}', '$none', 1] })).toEqual(['x', 'z']);
});
