import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Call, type Counts, decide, type RuleCounts } from '../../../local/faults/decide.ts';
import { type FaultPlan, type Pin, parseFaultPlan } from '../../../local/faults/plan.ts';

interface Hit extends Required<Pin> {
  rule: string;
}

/** What a plan does to calls in this order: the bookkeeping around `decide`, without a disk. */
function play(plan: FaultPlan, calls: readonly Call[], start = 1): Hit[] {
  const rules: Record<string, RuleCounts> = {};
  const seen = new Map<string, number>();
  const hits: Hit[] = [];
  for (const call of calls) {
    const nth = (seen.get(call.at + call.name) ?? 0) + 1;
    seen.set(call.at + call.name, nth);
    const counts: Counts = { start, nth, rules };
    const { matched, hit } = decide(plan, counts, call);
    for (const name of matched) {
      const { calls: before = 0, hits: hitsBefore = 0 } = rules[name] ?? {};
      rules[name] = { calls: before + 1, hits: hitsBefore + (hit?.name === name ? 1 : 0) };
    }
    if (hit) hits.push({ rule: hit.name, call: call.name, nth, start });
  }
  return hits;
}

const sorted = (hits: Hit[]) => hits.map((hit) => JSON.stringify(hit)).sort();
const put = (key: string): Call => ({
  at: 'dynamodb',
  name: `Step PutItem orders ${key}`,
  function: 'Shop-Step',
  operation: 'PutItem',
  tables: ['orders'],
});
const invocation = (key: string): Call => ({ at: 'lambda', name: `Step ${key}`, function: 'Shop-Step', via: 'queue' });

const arbitraryCalls = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean())
    .map(([key, isPut]) => (isPut ? put(key) : invocation(key))),
  { maxLength: 60 },
);
const arbitraryRule = fc.oneof(
  fc.record({
    at: fc.constant('dynamodb'),
    fault: fc.constantFrom('throttle', 'drop-after'),
    probability: fc.constantFrom(0.1, 0.5),
  }),
  fc.record({
    at: fc.constant('lambda'),
    fault: fc.constantFrom('kill-before', 'throttle'),
    probability: fc.constantFrom(0.2, 0.7),
    inARow: fc.integer({ min: 1, max: 3 }),
  }),
);
const arbitraryPlan = fc
  .record({
    seed: fc.integer(),
    rules: fc.uniqueArray(arbitraryRule, {
      minLength: 1,
      maxLength: 3,
      selector: (rule) => `${rule.at} ${rule.fault}`,
    }),
  })
  .map(parseFaultPlan);

describe('dice', () => {
  test('the same work meets the same faults, however it is interleaved', () => {
    fc.assert(
      fc.property(arbitraryPlan, arbitraryCalls, fc.infiniteStream(fc.nat()), (plan, calls, keys) => {
        const order = new Map(calls.map((call) => [call, keys.next().value]));
        const shuffled = calls.toSorted((a, b) => order.get(a)! - order.get(b)!);
        expect(sorted(play(plan, shuffled))).toEqual(sorted(play(plan, calls)));
      }),
    );
  });

  test('a plan with fewer rules does to the calls what those rules did before, so that it can be shrunk rule by rule', () => {
    fc.assert(
      fc.property(arbitraryPlan, arbitraryCalls, (plan, calls) => {
        for (const { rule, call, nth } of play(plan, calls)) {
          const alone = { ...plan, rules: plan.rules.filter(({ name }) => name === rule) };
          expect(play(alone, calls)).toContainEqual({ rule, call, nth, start: 1 });
        }
      }),
    );
  });

  test('a hit that is pinned hits the same call again, and no other, so that a plan can be shrunk hit by hit', () => {
    fc.assert(
      fc.property(arbitraryPlan, arbitraryCalls, (plan, calls) => {
        const hits = play(plan, calls);
        const rules = plan.rules.flatMap(({ name, at, fault }) => {
          const exactly = hits.filter(({ rule }) => rule === name).map(({ rule: _, ...pin }) => pin);
          return exactly.length === 0 ? [] : [{ name, at, fault, exactly }];
        });
        expect(play(parseFaultPlan({ rules }), calls)).toEqual(hits);
      }),
    );
  });

  test('hit as often as the probability says, and each start of the runtime throws its own', () => {
    const plan = parseFaultPlan({ seed: 1, rules: [{ at: 'dynamodb', fault: 'throttle', probability: 0.05 }] });
    const calls = Array.from({ length: 20_000 }, (_, index) => put(String(index)));
    const first = play(plan, calls, 1);
    expect(first.length).toBeGreaterThan(900);
    expect(first.length).toBeLessThan(1_100);
    const again = new Set(play(plan, calls, 2).map(({ call }) => call));
    expect(first.filter(({ call }) => again.has(call)).length).toBeLessThan(100);
  });

  test('in a row: a client that tries the same call again meets the same fault again', () => {
    const plan = parseFaultPlan({ rules: [{ at: 'dynamodb', fault: 'throttle', probability: 0.02, inARow: 4 }] });
    const hit = play(
      plan,
      Array.from({ length: 2_000 }, () => put('a')),
    ).map(({ nth }) => nth);
    const begins = hit.filter((nth) => nth < 1_990 && !hit.includes(nth - 1));
    expect(begins.length).toBeGreaterThan(10);
    for (const nth of begins) expect([0, 1, 2, 3].every((more) => hit.includes(nth + more))).toBe(true);
  });
});

describe('positions', () => {
  const calls = [put('a'), invocation('a'), put('b'), put('a'), put('c')];

  test('are counted among the calls that the rule matches, from 1', () => {
    const plan = parseFaultPlan({ rules: [{ at: 'dynamodb', fault: 'throttle', calls: [2, 4] }] });
    expect(play(plan, calls).map(({ call, nth }) => [call, nth])).toEqual([
      ['Step PutItem orders b', 1],
      ['Step PutItem orders c', 1],
    ]);
  });

  test('do not depend on other rules', () => {
    const second = { at: 'dynamodb', fault: 'drop-after', calls: [2] };
    const plan = parseFaultPlan({ rules: [{ at: 'dynamodb', fault: 'throttle', calls: [1] }, second] });
    expect(play(plan, calls)[1]).toEqual(play(parseFaultPlan({ rules: [second] }), calls)[0]);
  });

  test('a rule without any hits every call that it matches, at most so many times', () => {
    const plan = parseFaultPlan({ rules: [{ at: 'dynamodb', fault: 'throttle', times: 2 }] });
    expect(play(plan, calls)).toHaveLength(2);
  });

  test('a pin with the number of a start is for that start alone', () => {
    const pinned = (start?: number) =>
      parseFaultPlan({
        rules: [
          { at: 'dynamodb', fault: 'throttle', exactly: [{ call: put('a').name, nth: 2, ...(start && { start }) }] },
        ],
      });
    expect(play(pinned(), calls, 2)).toHaveLength(1);
    expect(play(pinned(2), calls, 2)).toHaveLength(1);
    expect(play(pinned(1), calls, 2)).toHaveLength(0);
  });
});

describe('where', () => {
  test.each([
    [{ at: 'dynamodb', where: { function: 'Step' } }, put('a'), true],
    [{ at: 'dynamodb', where: { function: 'step' } }, put('a'), false],
    [{ at: 'dynamodb', where: { function: '/^Step/' } }, put('a'), false],
    [{ at: 'dynamodb', where: { function: '/-Step$/' } }, put('a'), true],
    [{ at: 'dynamodb', where: { table: 'orders', operation: '/^(Put|Update)Item$/' } }, put('a'), true],
    [{ at: 'dynamodb', where: { table: 'orders', operation: 'GetItem' } }, put('a'), false],
    [{ at: 'dynamodb', where: { table: 'waits' } }, { ...put('a'), tables: ['orders', 'waits'] }, true],
    [{ at: 'dynamodb', where: { call: '/ b$/' } }, put('a'), false],
    [{ at: 'lambda', where: { via: 'queue' } }, invocation('a'), true],
    [{ at: 'lambda', where: { via: 'http-api' } }, invocation('a'), false],
    [{ at: 'lambda' }, put('a'), false],
  ])('%j and %j', (rule, call, expected) => {
    const plan = parseFaultPlan({ rules: [{ fault: 'throttle', ...rule }] });
    expect(play(plan, [call])).toHaveLength(expected ? 1 : 0);
  });
});
