import { expect, test } from 'vitest';
import { stateChanges } from '../../../local/deploy/state-changes.ts';

const call = (functionName: string, version: number, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}:${version}` },
  ...more,
});
const definition = (States: object, more: object = {}) => JSON.stringify({ StartAt: 'A', States, ...more });
const nothing = { added: [], removed: [], changed: [], newVersions: [], otherwise: false };

test('states come, go and change; a new version of a function alone is told apart from that', () => {
  const before = definition({ A: call('F', 1), B: call('G', 4), C: { Type: 'Pass' }, D: { Type: 'Succeed' } });
  const after = definition({
    A: call('F', 2),
    B: call('G', 5, { TimeoutSeconds: 9 }),
    D: { Type: 'Succeed' },
    E: { Type: 'Fail' },
  });
  expect(stateChanges(before, before)).toEqual(nothing);
  expect(stateChanges(before, after)).toEqual({
    added: ['E'],
    removed: ['C'],
    changed: ['B'],
    newVersions: [
      { state: 'A', functionName: 'F', from: '1', to: '2' },
      { state: 'B', functionName: 'G', from: '4', to: '5' },
    ],
    otherwise: false,
  });
});

test('a state inside another one is a state of its own', () => {
  const map = (inner: object, more: object = {}) =>
    definition({ M: { Type: 'Map', ItemProcessor: { StartAt: 'I', States: inner }, ...more } });
  const parallel = (inner: object) =>
    definition({ P: { Type: 'Parallel', Branches: [{ StartAt: 'I', States: inner }] } });
  for (const around of [map, parallel]) {
    expect(stateChanges(around({ I: call('F', 1) }), around({ I: call('F', 2) }))).toEqual({
      ...nothing,
      newVersions: [{ state: 'I', functionName: 'F', from: '1', to: '2' }],
    });
    expect(stateChanges(around({ I: { Type: 'Pass' } }), around({ J: { Type: 'Pass' } }))).toEqual({
      ...nothing,
      added: ['J'],
      removed: ['I'],
    });
  }
  expect(stateChanges(map({}), map({}, { MaxConcurrency: 2 }))).toEqual({ ...nothing, changed: ['M'] });
});

test('what stands outside of the states is a change of its own; a first version has only new states', () => {
  const one = definition({ A: { Type: 'Pass' } });
  expect(stateChanges(one, definition({ A: { Type: 'Pass' } }, { TimeoutSeconds: 5 }))).toEqual({
    ...nothing,
    otherwise: true,
  });
  expect(stateChanges('{}', one)).toMatchObject({ added: ['A'], removed: [], changed: [] });
});
