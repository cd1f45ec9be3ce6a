import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case, Fixtures } from './case-format.ts';
import { findPath } from './document-path.ts';
import { forgetOrder } from './parallel-events.ts';
import { runCase } from './run-case.ts';

const roleArn = 'arn:aws:iam::111111111111:role/any';
const answered = { HTTPHeaders: {}, HTTPStatusCode: 200 };
const whole = { truncated: false };
const fixtures: Fixtures = { lambdas: { greet: { result: '{"greeting": "hello"}' } } };
const functionArn = 'arn:aws:lambda:us-east-1:111111111111:function:greeter';

/** Waits, calls a function, and fails. */
const failing: Case = {
  id: 'own/wait_call_fail',
  category: 'own',
  kind: 'execution',
  scope: 'core',
  services: ['lambda'],
  name: 'failing-machine',
  roleArn,
  setup: [{ id: 's1', do: 'createLambda', functionName: 'greeter', behaviour: 'greet' }],
  definition: {
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', Seconds: 300, Next: 'Call' },
      Call: { Type: 'Task', Resource: functionArn, Next: 'Stop' },
      Stop: { Type: 'Fail', Error: 'Enough', Cause: 'It was enough.' },
    },
  },
  runs: [{ input: '{"n": [1, 2]}' }],
  outputs: { history: 'run0.history' },
  transformers: [
    ['regex', 'failing-machine', '<machine>'],
    ['regex', '@{run0.executionName}', '<execution>'],
  ],
  expected: {
    history: {
      events: [
        event(1, 0, 'ExecutionStarted', {
          executionStartedEventDetails: { input: { n: [1, 2] }, inputDetails: whole, roleArn: shown(roleArn) },
        }),
        event(2, 0, 'WaitStateEntered', {
          stateEnteredEventDetails: { input: { n: [1, 2] }, inputDetails: whole, name: 'Wait' },
        }),
        event(3, 2, 'WaitStateExited', {
          stateExitedEventDetails: { name: 'Wait', output: { n: [1, 2] }, outputDetails: whole },
        }),
        event(4, 3, 'TaskStateEntered', {
          stateEnteredEventDetails: { input: { n: [1, 2] }, inputDetails: whole, name: 'Call' },
        }),
        event(5, 4, 'LambdaFunctionScheduled', {
          lambdaFunctionScheduledEventDetails: {
            input: { n: [1, 2] },
            inputDetails: whole,
            resource: shown(functionArn),
          },
        }),
        event(6, 5, 'LambdaFunctionStarted', {}),
        event(7, 6, 'LambdaFunctionSucceeded', {
          lambdaFunctionSucceededEventDetails: { output: { greeting: 'hello' }, outputDetails: whole },
        }),
        event(8, 7, 'TaskStateExited', {
          stateExitedEventDetails: { name: 'Call', output: { greeting: 'hello' }, outputDetails: whole },
        }),
        event(9, 8, 'FailStateEntered', {
          stateEnteredEventDetails: { input: { greeting: 'hello' }, inputDetails: whole, name: 'Stop' },
        }),
        event(10, 9, 'ExecutionFailed', {
          executionFailedEventDetails: { error: 'Enough', cause: 'It was enough.' },
        }),
      ],
      ResponseMetadata: answered,
    },
  },
};

/** Calls of the API, one of them refused; the answer keeps the blanks of the input. */
const calls: Case = {
  id: 'own/calls',
  category: 'own',
  kind: 'api',
  scope: 'core',
  services: [],
  steps: [
    {
      id: 's1',
      api: 'stepfunctions.createStateMachine',
      params: {
        name: 'passing-machine',
        roleArn,
        definition: { StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } },
      },
    },
    {
      id: 's2',
      api: 'stepfunctions.startExecution',
      params: { stateMachineArn: '@{s1.stateMachineArn}', input: '[1, 2]' },
    },
    { id: 's3', do: 'await', until: 'succeeded', executionArn: '@{s2.executionArn}' },
    { id: 's4', api: 'stepfunctions.describeExecution', params: { executionArn: '@{s2.executionArn}' } },
    {
      id: 's5',
      api: 'stepfunctions.describeStateMachine',
      params: { stateMachineArn: '@{s1.stateMachineArn}x' },
      expectError: true,
    },
  ],
  outputs: {
    created: { $ref: 's1' },
    described: { input: { $ref: 's4.input' }, output: { $ref: 's4.output' }, status: { $ref: 's4.status' } },
    refused: { $ref: 's5.errorResponse' },
  },
  transformers: [['regex', 'passing-machine', '<machine>']],
  expected: {
    created: {
      creationDate: 'datetime',
      stateMachineArn: 'arn:<partition>:states:<region>:111111111111:stateMachine:<machine>',
      ResponseMetadata: answered,
    },
    described: { input: '[1, 2]', output: '[1, 2]', status: 'SUCCEEDED' },
    refused: {
      Error: { Code: 'StateMachineDoesNotExist', Message: message() },
      message: message(),
      ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: 400 },
    },
  },
};

/** A choice, tried with several literals. */
const batch: Case = {
  id: 'own/batch',
  category: 'own',
  kind: 'batch',
  scope: 'core',
  services: [],
  definition: {
    StartAt: 'Choose',
    States: {
      Choose: {
        Type: 'Choice',
        Choices: [{ Variable: '$.n', NumericEquals: '@{literal}', Next: 'Yes' }],
        Default: 'No',
      },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    },
  },
  runs: [
    { input: '{"n": 1.0}', literal: 1, output: true },
    { input: '{"n": "1"}', literal: 1, output: false },
  ],
};

function event(id: number, previousEventId: number, type: string, details: object) {
  return { id, previousEventId, type, timestamp: 'timestamp', ...details };
}

/** As the comparison shows an ARN. */
function shown(arn: string): string {
  return arn.replace('arn:aws:', 'arn:<partition>:').replace(':us-east-1:', ':<region>:');
}

function message(): string {
  return "State Machine Does Not Exist: 'arn:<partition>:states:<region>:111111111111:stateMachine:<machine>x'";
}

test.each([failing, calls, batch])('$id passes as it is', async (one) => {
  const { outcome, difference, reason } = await runCase(one, { mode: 'strict', fixtures });
  expect({ outcome, difference, reason }).toEqual({ outcome: 'passed' });
});

/** What somebody could get wrong, each on its own: a value at a path, or a change of the list of events. */
const mutations: [what: string, Case, path: string, to: unknown, shownAt?: string][] = [
  ['an event id', failing, '$.history.events[4].id', 6],
  ['the cause of an event', failing, '$.history.events[7].previousEventId', 6],
  ['the type of an event', failing, '$.history.events[5].type', 'TaskStarted'],
  ['a cause', failing, '$.history.events[9].executionFailedEventDetails.cause', 'It was enough'],
  ['an output', failing, '$.history.events[7].stateExitedEventDetails.output.greeting', 'hi'],
  ['a number in an input', failing, '$.history.events[0].executionStartedEventDetails.input.n[1]', 3],
  ['a member too few', failing, '$.history.events[1].stateEnteredEventDetails.name', undefined],
  ['a dropped event', failing, '$.history.events', (all: object[]) => all.toSpliced(5, 1), '$.history.events[5]'],
  ['a dropped last event', failing, '$.history.events', (all: object[]) => all.slice(0, -1), '$.history.events[9]'],
  ['an added event', failing, '$.history.events', (all: object[]) => [...all, {}], '$.history.events[10]'],
  ['a reordered pair', failing, '$.history.events', swapped, '$.history.events[5]'],
  ['a blank in a text', calls, '$.described.output', '[1,2]'],
  ['a number for a text', calls, '$.described.status', 0],
  ['an error code', calls, '$.refused.Error.Code', 'InvalidArn'],
  ['an answer too few', calls, '$.created', undefined],
];

function swapped(all: object[]): object[] {
  return all.toSpliced(5, 2, all[6]!, all[5]!);
}

/** The same case, but expecting something else at a path. */
function expecting(original: Case, path: string, to: unknown): Case {
  const one = structuredClone(original);
  const [match] = findPath(one.expected, path);
  const { parent, key, value } = match as { parent: Record<string | number, unknown>; key: string; value: object[] };
  if (to === undefined) delete parent[key];
  else parent[key] = typeof to === 'function' ? to(value) : to;
  return one;
}

describe('the runner fails on', () => {
  test.each(mutations)('%s', async (_what, original, path, to, shownAt = path) => {
    const { outcome, difference } = await runCase(expecting(original, path, to), { mode: 'strict', fixtures });
    expect(outcome).toBe('failed');
    expect(difference?.path.startsWith(shownAt)).toBe(true);
    expect(difference?.expected).not.toBe(difference?.observed);
  });

  test('the output of a run', async () => {
    const [first, second] = batch.runs!;
    const one = { ...batch, runs: [first!, { ...second!, output: true }] };
    expect(await runCase(one, { mode: 'strict', fixtures })).toMatchObject({
      outcome: 'failed',
      difference: { expected: 'true', observed: 'false' },
    });
  });

  test('a call that was expected to be refused and is not', async () => {
    const one = structuredClone(calls);
    one.steps![3]!.expectError = true;
    expect(await runCase(one, { mode: 'strict', fixtures })).toMatchObject({ outcome: 'failed' });
  });
});

test('iterations of a Map that run at the same time may come in any order, but all must be there', () => {
  const started = (index: number) => ({
    ...event(index + 2, 1, 'MapIterationStarted', { mapIterationStartedEventDetails: { index } }),
  });
  const history = (...indexes: number[]) => ({ history: { events: indexes.map(started) } });
  const [one, another, less] = [history(0, 1, 2), history(2, 0, 1), history(2, 0)];
  forgetOrder(structuredClone(one), another);
  forgetOrder(structuredClone(one), less);
  forgetOrder(one, structuredClone(one));
  expect(another).toEqual(one);
  expect(less).not.toEqual(one);
});

test('the lenient comparison lets blanks and skipped paths pass, and nothing else', async () => {
  const one = expecting(expecting(calls, '$.described.output', '[1,2]'), '$.described.status', 'FAILED');
  expect(await runCase({ ...one, skipPaths: ['$..status'] }, { mode: 'lenient', fixtures })).toMatchObject({
    outcome: 'passed',
  });
  expect(await runCase(one, { mode: 'lenient', fixtures })).toMatchObject({ outcome: 'failed' });
});

describe('the command', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cases-'));
    writeFileSync(join(folder, 'fixtures.json'), JSON.stringify(fixtures));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(cases: Case[], ...options: string[]) {
    writeFileSync(join(folder, 'own.json'), JSON.stringify(cases));
    const main = join(import.meta.dirname, 'main.ts');
    const { status, stdout } = spawnSync(process.execPath, [main, '--cases', folder, ...options], { encoding: 'utf8' });
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  test('ends with the score, shows the first difference, names what it skips, and exits with 1', () => {
    const wrong = { ...expecting(calls, '$.described.output', '[1,2]'), id: 'own/wrong' };
    const report = join(folder, 'report.md');
    const elsewhere = { ...calls, id: 'own/elsewhere', services: ['glue'] };
    const { status, lines } = run([failing, wrong, elsewhere], '--report', report);
    expect(status).toBe(1);
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped');
    const at = lines.indexOf('✗ own/wrong');
    expect(lines.slice(at + 1, at + 4).map((line) => line.trim())).toEqual([
      '$.described.output',
      '- "[1,2]"',
      '+ "[1, 2]"',
    ]);
    expect(lines.join('\n')).toContain('needs glue');
    expect(readFileSync(report, 'utf8')).toContain('| own | 1 | 1 | 1 | needs glue |');
  });

  test('exits with 0 when all pass; --only chooses by a glob', () => {
    const { status, lines } = run([failing, calls], '--only', 'own/c*');
    expect({ status, last: lines.at(-1) }).toEqual({ status: 0, last: '1 passed, 0 failed, 0 skipped' });
  });
});
