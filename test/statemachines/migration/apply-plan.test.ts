import { expect, test } from 'vitest';
import { applyPlan } from '../../../statemachines/migration/apply-plan.ts';
import type { Plan, Target } from '../../../statemachines/migration/plan.ts';

const execution = {
  Id: 'arn:first',
  Input: { orderId: 'ord_1' },
  Name: 'ord_1',
  StartTime: '2030-01-01T00:00:00.000Z',
};
const standing = {
  state: 'Old',
  input: { orderId: 'ord_1', n: [1] },
  variables: { undo: ['Refund'], x: 1 },
  execution,
};
const plan = (target: Partial<Target>): Plan => ({
  targets: { Old: { to: 'New', carried: [], variables: {}, ...target } },
  without: { Gone: 'found no state Gone in the new definition, expected a state in which its executions go on' },
  findings: [],
});

test('an execution goes on with the input and the variables that it had, lists of one as lists', async () => {
  expect(await applyPlan(plan({ carried: ['undo'] }), standing)).toEqual({
    resumeAt: 'New',
    input: standing.input,
    variables: { undo: ['Refund'] },
  });
});

test('what is computed sees the state, its input, the variables and the first execution', async () => {
  const computed = plan({
    input: { orderId: '{% $input.orderId %}', was: '{% $state %}', as: 'written' },
    variables: {
      undo: "{% ['CancelInsurance', $variables.undo] %}",
      ids: '{% $input.n %}',
      placed: '{% $execution.Input.orderId & $execution.StartTime %}',
      zero: 0,
      parsed: "{% $parse('[1]') %}",
    },
  });
  expect(await applyPlan(computed, standing)).toEqual({
    resumeAt: 'New',
    input: { orderId: 'ord_1', was: 'Old', as: 'written' },
    variables: {
      undo: ['CancelInsurance', 'Refund'],
      ids: [1],
      placed: 'ord_12030-01-01T00:00:00.000Z',
      zero: 0,
      parsed: [1],
    },
  });
});

test('an execution that has no target, or not what it needs, is not moved, and is told why', async () => {
  await expect(applyPlan(plan({}), { ...standing, state: 'Gone' })).rejects.toThrow(
    'Gone has no target: found no state Gone in the new definition',
  );
  await expect(applyPlan(plan({ carried: ['undo', 'y', 'z'] }), standing)).rejects.toThrow(
    'New needs $y, $z, which the execution in Old does not have',
  );
  await expect(applyPlan(plan({ input: '{% $input.none %}' }), standing)).rejects.toThrow(
    "The JSONata expression '$input.none' specified for the field 'Old/input' returned nothing (undefined).",
  );
});
