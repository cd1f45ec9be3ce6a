import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { boundaries } from '../../../local/faults/boundaries.ts';
import { checkNames } from '../../../local/faults/check-names.ts';
import { parseFaultPlan } from '../../../local/faults/plan.ts';
import { readPlanFile } from '../../../local/faults/read-plan-file.ts';

const kill = { at: 'lambda', fault: 'kill-before' };

describe('what is no plan is told with place, finding and expectation', () => {
  test.each([
    [null, 'the plan: found null, expected an object'],
    [{}, 'rules: found nothing, expected a list'],
    [{ rules: [], rule: [] }, 'the plan: found the unknown field "rule", expected seed, rules'],
    [{ seed: 1.5, rules: [] }, 'seed: found 1.5, expected a whole number'],
    [
      { rules: [{ at: 'lamda', fault: 'x' }] },
      /^rules\[0\]\.at: found "lamda", expected one of "lambda", "asynchronous"/,
    ],
    [
      { rules: [kill, { ...kill, fault: 'kil' }] },
      /^rules\[1\]\.fault: found "kil", expected one of "kill-before", "kill-after"/,
    ],
    [{ rules: [{ ...kill, tims: 1 }] }, /^rules\[0\]: found the unknown field "tims", expected name, at, where/],
    [
      { rules: [{ ...kill, where: { table: 'x' } }] },
      'rules[0].where: found the unknown field "table", expected function, via, call',
    ],
    [
      { rules: [{ ...kill, where: { function: '/(/' } }] },
      'rules[0].where.function: found "/(/", expected a text, or a regular expression between two slashes',
    ],
    [
      { rules: [{ ...kill, where: { via: 'bus' } }] },
      /^rules\[0\]\.where\.via: found "bus", expected one of "step-functions"/,
    ],
    [{ rules: [{ ...kill, probability: 2 }] }, 'rules[0].probability: found 2, expected at most 1'],
    [{ rules: [{ ...kill, times: 0 }] }, 'rules[0].times: found 0, expected at least 1'],
    [{ rules: [{ ...kill, calls: [] }] }, 'rules[0].calls: found [], expected at least 1 of them'],
    [{ rules: [{ ...kill, exactly: [{ call: 'x' }] }] }, 'rules[0].exactly[0].nth: found nothing, expected a number'],
    [
      { rules: [{ ...kill, calls: [1], probability: 1 }] },
      'rules[0]: found probability and calls, expected at most one of them',
    ],
    [{ rules: [{ ...kill, inARow: 2 }] }, 'rules[0].inARow: found 2, expected it together with probability only'],
    [
      { rules: [{ ...kill, delay: '5s' }] },
      'rules[0].delay: found "5s", expected none, because kill-before takes no time',
    ],
    [
      { rules: [{ at: 'queue', fault: 'late', delay: '5 s' }] },
      'rules[0].delay: found "5 s", expected a duration like 250ms, 5s, 2h or 3d',
    ],
    [
      {
        rules: [
          { ...kill, name: 'a' },
          { ...kill, name: 'a' },
        ],
      },
      'rules[1].name: found "a" again, expected another one for each rule',
    ],
  ])('%j', (plan, message) => {
    expect(() => parseFaultPlan(plan)).toThrow(message);
  });

  test('all of it at once', () => {
    const wrong = { seed: 'x', rules: [{ ...kill, times: 0, probability: 2 }] };
    expect(() => parseFaultPlan(wrong)).toThrow(/^seed: .*\nrules\[0\]\.probability: .*\nrules\[0\]\.times: .*$/);
  });

  test('in a file: the file is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'plan.json');
    writeFileSync(file, '{"rules":[{"at":"sun"}]}');
    expect(() => readPlanFile(file)).toThrow(/plan\.json cannot be used:\n {2}rules\[0\]\.at: found "sun"/);
    writeFileSync(file, '{');
    expect(() => readPlanFile(file)).toThrow(/plan\.json cannot be used:\n {2}.*JSON/);
    expect(() => readPlanFile(join(folder, 'none.json'))).toThrow(/ENOENT/);
  });
});

describe('what names nothing in the app is refused: it would be a rule that never hits', () => {
  const app = { functions: ['Shop-Work', 'Shop-Keep'], tables: new Map([['Shop-Table', ['id']]]), queues: [] };
  test.each([
    [
      { ...kill, where: { function: 'work' } },
      'rules[0].where.function: found "work", expected it to fit one of Shop-Work, Shop-Keep',
    ],
    [
      { at: 'stream', fault: 'twice', where: { table: 'Tables' } },
      'rules[0].where.table: found "Tables", expected it to fit one of Shop-Table',
    ],
    [
      { at: 'queue', fault: 'twice', where: { queue: 'Q' } },
      'rules[0].where.queue: found "Q", expected none, because the app has none',
    ],
  ])('%j', (rule, message) => {
    expect(() => checkNames(parseFaultPlan({ rules: [rule] }), app)).toThrow(message);
  });

  test('what fits is not', () => {
    const rules = [
      { ...kill, where: { function: '/Work$/' } },
      { at: 'sqs', fault: 'throttle', where: { function: 'states.amazonaws.com' } },
    ];
    checkNames(parseFaultPlan({ rules }), app);
  });
});

test('rules without a name are named by what they say, so that a report can be read', () => {
  const where = { table: 'orders', operation: 'PutItem' };
  const rules = [kill, { at: 'dynamodb', fault: 'drop-after', where }, kill];
  expect(parseFaultPlan({ rules }).rules.map(({ name }) => name)).toEqual([
    'lambda kill-before',
    'dynamodb drop-after operation=PutItem table=orders',
    'lambda kill-before #2',
  ]);
});

test('the example plan has every fault of every boundary', () => {
  const plan = readPlanFile(join(import.meta.dirname, '../../../examples/faults/all.json'));
  const inPlan = new Set(plan.rules.map(({ at, fault }) => `${at} ${fault}`));
  const all = Object.entries(boundaries).flatMap(([at, { faults }]) => faults.map((fault) => `${at} ${fault}`));
  expect([...inPlan].sort()).toEqual(all.sort());
});

test('the manual has every boundary and every fault', () => {
  const manual = readFileSync(join(import.meta.dirname, '../../../docs/faults.md'), 'utf8');
  for (const [at, { faults }] of Object.entries(boundaries)) {
    const row = manual.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${at}\``));
    expect(row, at).toBeDefined();
    for (const fault of faults) expect(manual, `${at} ${fault}`).toContain(`\`${fault}\``);
  }
});
