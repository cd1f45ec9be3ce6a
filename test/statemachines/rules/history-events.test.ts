import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoopRow, Loops } from '../../../statemachines/loop-row.ts';
import { loops } from '../../../statemachines/order-fulfillment.steps.ts';
import { mostHistoryEvents } from '../../../statemachines/rules/history-events.ts';
import { loopFindings } from '../../../statemachines/rules/loops.ts';
import type { Group, State } from '../../../statemachines/rules/process.ts';
import { drive } from '../../support/interpreter-driver.ts';
import { orderDefinition } from '../../support/order-definition.ts';
import { type Act, runProcess, type Script } from '../process-script.ts';

const group = (States: Record<string, State>): Group => ({ StartAt: Object.keys(States)[0]!, States });
const pass = (Next: string, Assign?: Record<string, unknown>): State => ({
  Type: 'Pass',
  Next,
  ...(Assign && { Assign }),
});
const task = (MaxAttempts: number, next: Partial<State>, resource = 'arn:aws:states:::lambda:invoke'): State => ({
  Type: 'Task',
  Resource: resource,
  Retry: [{ ErrorEquals: ['A'], MaxAttempts }],
  ...next,
});
const end: State = { Type: 'Succeed' };
const most = (States: Record<string, State>, rows: Loops = {}) => mostHistoryEvents(group(States), rows);

test('a state is entered and left, a Task is tried as often as it may, and the execution begins and ends', () => {
  expect(most({ P: pass('T'), T: task(3, {}) })).toBe(2 + 2 + (2 + 4 * 3));
  expect(most({ T: task(0, {}, 'arn:aws:states:::sqs:sendMessage.waitForTaskToken') })).toBe(2 + (2 + 4));
});

test('of two ways the longer one counts, and not both', () => {
  const choice = { Type: 'Choice', Choices: [{ Next: 'Long' }], Default: 'Short' };
  const Long = task(9, { Next: 'End', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }] });
  const Short = task(1, { Next: 'End' });
  expect(most({ choice, Long, Short, End: end, Failed: { Type: 'Fail' } })).toBe(2 + 2 + (2 + 10 * 3) + 2);
});

test('all branches of a Parallel count, and each attempt of it counts them again', () => {
  const both: State = {
    Type: 'Parallel',
    Branches: [group({ A: end }), group({ B: pass('C'), C: end })],
    Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }],
  };
  expect(most({ both })).toBe(2 + 2 + 2 * (2 + 2 + 4));
});

test('a Map, whose items nobody knows, has no number, and neither has a loop without a row', () => {
  expect(most({ M: { Type: 'Map' } })).toBeUndefined();
  expect(most({ A: pass('B'), B: pass('A') })).toBeUndefined();
});

test('loops within loops: each pass of the outer one has all passes of the inner one, and the last may end in the middle', () => {
  const [n, m] = ['nThisExecution', 'mThisExecution'];
  const below = (name: string, limit: number, Next: string) => ({ Condition: `{% $${name} < ${limit} %}`, Next });
  const States: Record<string, State> = {
    Start: pass('Outer', { [n]: 0 }),
    Outer: { Type: 'Choice', Choices: [below(n, 3, 'Body')], Default: 'End' },
    Body: pass('Inner', { [n]: `{% $${n} + 1 %}`, [m]: 0 }),
    Inner: { Type: 'Choice', Choices: [below(m, 5, 'Work')], Default: 'Back' },
    Work: { ...pass('Inner', { [m]: `{% $${m} + 1 %}` }) },
    Back: pass('Outer'),
    End: end,
  };
  const rows: Loops = { Outer: { counter: n, most: 3 }, Inner: { counter: m, most: 5 } };
  const inner = 5 * (2 + 2) + 2;
  const all = 2 + 2 + 3 * (2 + 2 + inner + 2) + 2 + 2;
  expect(most(States, rows)).toBe(all);
  expect(most(States, { Outer: rows.Outer! })).toBeUndefined();

  // In the last pass there may be a way out that is longer than the way back.
  const out = {
    ...States,
    Work: { ...States.Work!, Catch: [{ ErrorEquals: ['A'], Next: 'Long' }] },
    Long: task(99, { Next: 'End' }),
  };
  const long = 2 + 100 * 3;
  expect(most(out, rows)).toBe(all - 2 - 2 - 2 - 2 + long + 2);
});

/** A process by its shape, of which anybody can say how long it is. */
type Shape =
  | { task: number }
  | { one: Shape; other: Shape }
  | { either: Shape; or: Shape }
  | { times: number; body: Shape }
  /** Its Catcher ends the execution, in the middle of whatever it is part of. */
  | { task: number; orEndAfter: number };

const shape: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'shape' },
    fc.record({ task: fc.nat(5) }),
    fc.record({ task: fc.nat(5), orEndAfter: fc.nat(40) }),
    fc.record({ one: tie('shape'), other: tie('shape') }),
    fc.record({ either: tie('shape'), or: tie('shape') }),
    fc.record({ times: fc.integer({ min: 1, max: 4 }), body: tie('shape') }),
  ),
})).shape;

/** The longest way through a shape, and the longest that ends within it. */
function lengthOf(of: Shape): { through: number; within: number } {
  if ('task' in of) {
    const through = 2 + (of.task + 1) * 3;
    return { through, within: 'orEndAfter' in of ? through + 2 + (of.orEndAfter + 1) * 3 : Number.NEGATIVE_INFINITY };
  }
  if ('one' in of) {
    const [one, other] = [lengthOf(of.one), lengthOf(of.other)];
    return { through: one.through + other.through, within: Math.max(one.within, one.through + other.within) };
  }
  if ('either' in of) {
    const [either, or] = [lengthOf(of.either), lengthOf(of.or)];
    return { through: 2 + Math.max(either.through, or.through), within: 2 + Math.max(either.within, or.within) };
  }
  const body = lengthOf(of.body);
  const pass = 2 + 2 + body.through;
  return { through: of.times * pass + 2, within: (of.times - 1) * pass + 2 + 2 + body.within };
}

/** The states of a shape; the way goes on with `next`. */
function statesOf(
  of: Shape,
  name: string,
  next: string,
  States: Record<string, State>,
  rows: Record<string, LoopRow>,
): string {
  if ('task' in of) {
    States[name] = task(of.task, { Next: next });
    if ('orEndAfter' in of) {
      States[name].Catch = [{ ErrorEquals: ['States.ALL'], Next: `${name}x` }];
      States[`${name}x`] = task(of.orEndAfter, { End: true });
    }
    return name;
  }
  if ('one' in of) {
    const other = statesOf(of.other, `${name}t`, next, States, rows);
    return statesOf(of.one, `${name}o`, other, States, rows);
  }
  if ('either' in of) {
    const [either, or] = [of.either, of.or].map((way, n) => statesOf(way, `${name}${n}`, next, States, rows));
    States[name] = { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: either! }], Default: or! };
    return name;
  }
  const counter = `${name}ThisExecution`;
  rows[name] = { counter, most: of.times };
  const body = statesOf(of.body, `${name}b`, name, States, rows);
  States[name] = {
    Type: 'Choice',
    Choices: [{ Condition: `{% $${counter} < ${of.times} %}`, Next: `${name}c` }],
    Default: next,
  };
  States[`${name}c`] = pass(body, { [counter]: `{% $${counter} + 1 %}` });
  return name;
}

test('the longest history of any process is that of its longest way', () => {
  fc.assert(
    fc.property(shape, (of) => {
      const States: Record<string, State> = { End: end };
      const rows: Record<string, LoopRow> = {};
      const StartAt = statesOf(of, 's', 'End', States, rows);
      const { through, within } = lengthOf(of);
      expect(mostHistoryEvents({ StartAt, States }, rows)).toBe(2 + Math.max(through + 2, within));
      expect(loopFindings({ definition: { StartAt, States }, steps: {}, waits: {}, loops: rows })).toEqual([]);
      const [one] = Object.keys(rows);
      if (one === undefined) return;
      // A loop that loses its row is found, wherever it is.
      const { [one]: _, ...others } = rows;
      expect(mostHistoryEvents({ StartAt, States }, others)).toBeUndefined();
      expect(loopFindings({ definition: { StartAt, States }, steps: {}, waits: {}, loops: others })).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('what is counted is what such a process really does', async () => {
  const n = 'nThisExecution';
  const States: Record<string, State> = {
    Start: pass('Outer', { [n]: 0 }),
    Outer: { Type: 'Choice', Choices: [{ Condition: `{% $${n} < 7 %}`, Next: 'Body' }], Default: 'End' },
    Body: pass('Outer', { [n]: `{% $${n} + 1 %}` }),
    End: end,
  };
  const driver = await drive({ definition: { QueryLanguage: 'JSONata', ...group(States) } });
  expect(driver.events).toHaveLength(most(States, { Outer: { counter: n, most: 7 } })!);
});

test('an order to which everything happens that can has a history not much shorter than that, and none that AWS would end', async () => {
  const { States } = JSON.parse(orderDefinition) as Group;
  const computed = mostHistoryEvents(JSON.parse(orderDefinition), loops)!;
  const run = await runProcess(worstScript(States));
  expect(run.status).toBe('FAILED');
  expect(run.callsOf('AwaitOperator')).toHaveLength(10 * 17);
  expect(run.driver.events.length).toBeLessThanOrEqual(computed);
  expect(run.driver.events.length).toBeGreaterThan(computed * 0.98);
  expect(computed).toBeLessThan(10_000);
});

/** Every attempt is used up everywhere, every wait is escalated to its end, and every undo gives up until the last round. */
function worstScript(States: Record<string, State>): Script {
  const rounds = 11;
  const attempts = ({ Retry = [] }: State): Act[] =>
    Retry.flatMap(({ ErrorEquals, MaxAttempts = 3 }) => {
      const [first] = ErrorEquals;
      const error = first === 'States.ALL' ? 'SQS.AmazonSQSException' : first!;
      return Array.from({ length: MaxAttempts }, (): Act => ({ error }));
    });
  const broken: Act = { error: 'TypeError' };
  const ends: Record<string, readonly Act[]> = {
    AwaitPicking: ['silent'],
    EscalatePicking: ['silent'],
    ExpirePicking: [{ action: 'picked' }],
    AwaitCarrierPickup: ['silent'],
    EscalateCarrierPickup: ['silent'],
    ExpireCarrierPickup: [{ error: 'WaitExpired' }],
    AwaitOperator: ['silent'],
    ExpireOperator: [{ action: 'try-again' }],
    RecordOperatorAnswer: [broken],
    CloseOrder: [broken],
  };
  const undos = ['VoidShippingLabel', 'ReleaseInventory', 'RefundPayment'];
  return Object.fromEntries(
    Object.entries(States).map(([name, state]) => {
      const acts = Array.from({ length: rounds }, (_, round): Act[] => {
        const last: readonly Act[] = undos.includes(name) && round < rounds - 1 ? [broken] : (ends[name] ?? ['ok']);
        return [...attempts(state), ...last];
      });
      return [name, acts.flat()];
    }),
  );
}
