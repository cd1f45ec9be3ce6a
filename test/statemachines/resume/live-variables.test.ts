import { expect, test } from 'vitest';
import { variablesAt } from '../../../statemachines/resume/live-variables.ts';
import type { State } from '../../../statemachines/rules/process.ts';

const at = (States: Record<string, State>) => Object.fromEntries(variablesAt({ StartAt: 'A', States }));
const pass = (Next: string, Assign?: object): State => ({ Type: 'Pass', Next, ...(Assign && { Assign }) });
const end: State = { Type: 'Succeed' };

test('what is assigned on every way is definite, what is assigned on some way is possible', () => {
  const found = at({
    A: {
      Type: 'Choice',
      Choices: [
        { Next: 'B', Assign: { x: 1, y: 1 } },
        { Next: 'C', Assign: { x: 2 } },
      ],
      Default: 'D',
      Assign: { z: 1 },
    },
    B: pass('E'),
    C: pass('E'),
    D: pass('E', { x: 3 }),
    E: end,
  });
  expect(found).toEqual({
    A: { definite: [], possible: [] },
    B: { definite: ['x', 'y'], possible: ['x', 'y'] },
    C: { definite: ['x'], possible: ['x'] },
    D: { definite: ['z'], possible: ['z'] },
    E: { definite: ['x'], possible: ['x', 'y', 'z'] },
  });
});

test('a Catcher assigns its own variables and not those of its state', () => {
  const found = at({
    A: {
      Type: 'Task',
      Assign: { done: true },
      Next: 'B',
      Catch: [{ ErrorEquals: ['X'], Next: 'C', Assign: { why: 1 } }],
    },
    B: end,
    C: end,
  });
  expect(found.B!.definite).toEqual(['done']);
  expect(found.C!.definite).toEqual(['why']);
});

test('a loop takes away what its entry does not assign, and a way back to the start leaves nothing definite', () => {
  const choice: State = {
    Type: 'Choice',
    Choices: [
      { Next: 'B', Assign: { n: 1 } },
      { Next: 'A', Assign: { m: 1 } },
    ],
    Default: 'D',
  };
  const found = at({ A: pass('B', { first: 1 }), B: pass('C', { second: 1 }), C: choice, D: end });
  expect(found.A).toEqual({ definite: [], possible: ['first', 'm', 'n', 'second'] });
  expect(found.B).toEqual({ definite: ['first'], possible: ['first', 'm', 'n', 'second'] });
  expect(found.D).toEqual({ definite: ['first', 'second'], possible: ['first', 'm', 'n', 'second'] });
});

test('what is assigned within a Parallel or a Map stays there', () => {
  const group = { StartAt: 'In', States: { In: { ...end, Assign: { inner: 1 } } } };
  const found = at({
    A: { Type: 'Parallel', Branches: [group], Next: 'B', Assign: { outer: 1 } },
    B: { Type: 'Map', ItemProcessor: group, Next: 'C' },
    C: end,
  });
  expect(Object.keys(found)).toEqual(['A', 'B', 'C']);
  expect(found.C).toEqual({ definite: ['outer'], possible: ['outer'] });
});

test('an Assign that is one expression is refused, for nobody can say what it gives', () => {
  expect(() => at({ A: { Type: 'Pass', Next: 'B', Assign: '{% $states.input %}' }, B: end })).toThrow(
    'A: Assign is one expression: it cannot be told which variables it gives, name each of them',
  );
});
