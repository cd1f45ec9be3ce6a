import { describe, expect, test } from 'vitest';
import type { MappedState, Mapping } from '../../../statemachines/migration/mapping.ts';
import { planFor } from '../../../statemachines/migration/plan.ts';
import { sentenceOf } from '../../../statemachines/rules/finding.ts';
import type { State } from '../../../statemachines/rules/process.ts';
import { orderDefinition } from '../../support/order-definition.ts';

const wait = (waitId: string, next: Partial<State>): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Arguments: { MessageBody: { waitId } },
  ...next,
});
const step = (next: Partial<State>): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: '${Fn}' },
  ...next,
});
const text = (States: Record<string, State>) =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States });

const before = text({
  Charge: step({ Assign: { charge: 1 }, Next: 'AwaitPicking' }),
  AwaitPicking: wait('p', { Next: 'Print' }),
  Print: step({ Next: 'AwaitCourier' }),
  AwaitCourier: wait('c', { End: true }),
});
/** One state renamed, one removed, one that needs more than there is. */
const after = text({
  Charge: step({ Assign: { charge: 1 }, Next: 'AwaitPacking' }),
  AwaitPacking: wait('p', { Next: 'Weigh' }),
  Weigh: step({ Assign: { grams: 5 }, Next: 'AwaitCourier' }),
  AwaitCourier: wait('c', { End: true }),
});
const grams = '{% $count($input.lines) * 100 %}';
const from = (states: Record<string, MappedState>): Mapping => [{ place: 'm[0]', from: before, states }];
const sound = { AwaitPicking: { to: 'AwaitPacking' }, AwaitCourier: { to: 'AwaitCourier', variables: { grams } } };

test('a definition that only changed its retries and comments needs no mapping: everything goes on where it is', () => {
  const { targets, without, findings } = planFor(orderDefinition, orderDefinition, []);
  expect(findings).toEqual([]);
  expect(without).toEqual({});
  expect(Object.entries(targets).filter(([name, { to }]) => to !== name)).toEqual([]);
  expect(targets.AwaitPicking).toEqual({ to: 'AwaitPicking', carried: [], variables: {} });
  expect(targets.AwaitOperator!.carried).toEqual(['operatorTasks', 'outcome', 'stuck', 'undo', 'undoneByHand']);
});

test('a state goes on where its entry says, with its variables and those that are computed', () => {
  const plan = planFor(before, after, from(sound));
  expect(plan.findings).toEqual([]);
  expect(plan.entry).toBe('m[0]');
  expect(plan.targets).toEqual({
    Charge: { to: 'Charge', carried: [], variables: {} },
    AwaitPicking: { to: 'AwaitPacking', carried: ['charge'], variables: {} },
    AwaitCourier: { to: 'AwaitCourier', carried: ['charge'], variables: { grams } },
  });
});

test('a step that is gone is a reason and no finding: it matters only if an order stands in it', () => {
  expect(planFor(before, after, from(sound)).without).toEqual({
    Print: 'found no state Print in the new definition, expected a state in which its executions go on',
  });
});

test.each<[string, Mapping, string[]]>([
  [
    'a wait that is gone, and a variable that nobody gives',
    [],
    [
      'AwaitPicking: found no state AwaitPicking in the new definition, expected a state in which its executions go on',
      'AwaitCourier: variables/grams: found nothing, expected what AwaitCourier needs in $grams',
    ],
  ],
  [
    'a target that there is not',
    from({ ...sound, AwaitPicking: { to: 'AwaitPackaging' } }),
    [
      'AwaitPicking: m[0]/states/AwaitPicking/to: found no state AwaitPackaging in the new definition, expected a state in which its executions go on',
    ],
  ],
  [
    'an entry for a state that there never was',
    from({ ...sound, AwaitPicker: { to: 'AwaitPacking' } }),
    [
      'AwaitPicker: m[0]/states/AwaitPicker: found an entry, expected a state of this name in the definition that is mapped from',
    ],
  ],
  [
    'a variable that would get lost',
    from({ ...sound, AwaitPicking: { to: 'AwaitPacking', variables: { gram: 1 } } }),
    [
      'AwaitPicking: m[0]/states/AwaitPicking/variables/gram: found a variable, expected one that is assigned on every way to AwaitPacking',
    ],
  ],
  [
    'an expression that sees what is not there',
    from({ ...sound, AwaitPicking: { to: 'AwaitPacking', input: { a: ['{% $states.input %}'] } } }),
    [
      'AwaitPicking: m[0]/states/AwaitPicking/input/a/0: found $states, expected $state, $input, $variables, $execution, and no function that gives something else each time',
    ],
  ],
  [
    'one that gives something else each time',
    from({ ...sound, AwaitPicking: { to: 'AwaitPacking', variables: { charge: '{% $now() & $uuid() %}' } } }),
    [
      'AwaitPicking: m[0]/states/AwaitPicking/variables/charge: found $now, $uuid, expected $state, $input, $variables, $execution, and no function that gives something else each time',
    ],
  ],
  [
    'one that is no JSONata',
    from({ ...sound, AwaitPicking: { to: 'AwaitPacking', input: '{% ( %}' } }),
    [
      'AwaitPicking: m[0]/states/AwaitPicking/input: found S0203: Expected ")" before end of expression, expected JSONata',
    ],
  ],
])('%s is found', (_title, mapping, sentences) => {
  expect(planFor(before, after, mapping).findings.map(sentenceOf)).toEqual(sentences);
});

describe('a wait that is opened under another id', () => {
  const renamed = text({ AwaitPicking: wait('q', { End: true }) });
  const old = text({ AwaitPicking: wait('p', { End: true }) });

  test('is found, because links that were mailed would end in nothing', () => {
    expect(planFor(old, renamed, []).findings.map(sentenceOf)).toEqual([
      'AwaitPicking: found the waitId "q" in AwaitPicking, expected the waitId "p", so that links stay valid, or anotherWait with the reason',
    ]);
  });

  test('is allowed with a reason', () => {
    const states = { AwaitPicking: { to: 'AwaitPicking', anotherWait: 'the same id, written in another way' } };
    expect(planFor(old, renamed, [{ place: 'm[0]', from: old, states }]).findings).toEqual([]);
  });
});

test('states within a Parallel begin again, so somebody has to say that they may', () => {
  const both: State = {
    Type: 'Parallel',
    Branches: [{ StartAt: 'A', States: { A: wait('a', { End: true }) } }],
    End: true,
  };
  const definition = text({ Both: both });
  expect(planFor(definition, definition, []).findings.map(sentenceOf)).toEqual([
    'Both: found states within it, expected an entry that says where to go on: all of it would begin again',
  ]);
  const mapping = [{ place: 'm[0]', from: definition, states: { Both: { to: 'Both' } } }];
  expect(planFor(definition, definition, mapping)).toMatchObject({ findings: [], targets: { Both: { to: 'Both' } } });
});

describe('of several entries', () => {
  const states = {
    AwaitPicking: { to: 'AwaitPacking' },
    AwaitCourier: { to: 'AwaitCourier', variables: { grams: 1 } },
  };
  const [first] = from(sound);
  const retried = before.replace('"Next":"AwaitPicking"', '"Next":"AwaitPicking","Retry":[]');
  const second = { place: 'm[1]', from: retried, states };

  test('the one counts that is from this very definition, whatever its names are filled in with', () => {
    const deployed = retried.replace('${Fn}', 'arn:aws:lambda:us-east-1:000000000000:function:f:7');
    expect(planFor(deployed, after, [first!, second]).entry).toBe('m[1]');
    expect(planFor(before, after, [first!, second]).entry).toBe('m[0]');
  });

  test('otherwise one from a definition with the same states and variables, if it is the only one', () => {
    const commented = before.replace('"StartAt"', '"Comment":"x","StartAt"');
    expect(planFor(commented, after, [second]).entry).toBe('m[1]');
    expect(planFor(commented, after, [first!, second]).findings.map(sentenceOf)).toEqual([
      'found m[0] and m[1] from definitions with the same states, expected one of them, or one from the very definition that executions are moved from',
    ]);
  });

  test('none counts that is from a definition with other states', () => {
    expect(planFor(after, after, [first!]).entry).toBeUndefined();
  });
});
