import { expect, test } from 'vitest';
import { inMapOrder } from '../../../../local/asl/expression/map-order.ts';

test.each([
  [
    ['StateMachineArn', 'Input', 'Name'],
    ['Input', 'StateMachineArn', 'Name'],
  ],
  [
    ['Iterations', 'Values'],
    ['Values', 'Iterations'],
  ],
  [
    ['0', 'True', '{}'],
    ['0', '{}', 'True'],
  ],
  [
    ['FunctionName', 'Payload', 'LogType'],
    ['FunctionName', 'LogType', 'Payload'],
  ],
])('%j are written as %j', (names, ordered) => {
  expect(inMapOrder(names)).toEqual(ordered);
});
