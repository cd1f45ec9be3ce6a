import { expect, it } from 'vitest';
import {
  variablesOfPath,
  variablesOfState,
  variablesOfTemplate,
} from '../../../../local/asl/expression/variable-references.ts';

it('finds the variable that a path starts from', () => {
  expect(variablesOfPath('$order.id')).toEqual(['order']);
  expect(variablesOfPath('$.order')).toEqual([]);
  expect(variablesOfPath('$$.Execution')).toEqual([]);
});

it('finds the variables of a payload template, in paths and in calls inside calls', () => {
  const template = { 'a.$': '$x', b: [{ 'c.$': 'States.Array($y, States.MathAdd($z[0], $.n))' }], d: '$none' };
  expect(variablesOfState({ Parameters: template }, 'JSONPath')).toEqual(['x', 'y', 'z']);
});

it('finds the variables of JSONata fields', () => {
  expect(variablesOfTemplate({ a: '{% $x + $states.input.y %}', b: ['{% $z %}', '$none', 1] })).toEqual(['x', 'z']);
});

it('finds the variables of a state, each once, but not those of the states inside it', () => {
  const inner = { States: { S: { InputPath: '$inner' } } };
  const state = {
    Type: 'Map',
    ItemsPath: '$list',
    ItemSelector: { 'x.$': '$limit', y: '$constant' },
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Assign: { 'z.$': '$limit' } }],
    ItemProcessor: inner,
  };
  expect(variablesOfState(state, 'JSONPath')).toEqual(['limit', 'list']);
  expect(
    variablesOfState({ Type: 'Choice', Choices: [{ Not: { Variable: '$a', StringEqualsPath: '$b' } }] }, 'JSONPath'),
  ).toEqual(['a', 'b']);
  expect(variablesOfState({ Type: 'Pass', Result: { 'x.$': '$opaque' } }, 'JSONPath')).toEqual([]);
  expect(variablesOfState({ Type: 'Map', Items: '{% $list %}', ItemProcessor: inner }, 'JSONata')).toEqual(['list']);
});

it("takes the user's own data for what it is", () => {
  const Parameters = { imagePath: 'a b', Variable: '$none', 'x.$': '$some' };
  expect(variablesOfState({ Type: 'Pass', Parameters }, 'JSONPath')).toEqual(['some']);
  const Catch = [{ ErrorEquals: ['{% ( %}'], Output: '{% $other %}' }];
  expect(variablesOfState({ Comment: '{% ( %}', Output: { Comment: '{% $some %}' }, Catch }, 'JSONata')).toEqual([
    'other',
    'some',
  ]);
});
