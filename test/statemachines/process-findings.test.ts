import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as errors from '../../lambdas/domain/errors.ts';
import { findingsOf, ownErrors, processFindings } from '../../statemachines/process-findings.ts';
import { sentenceOf } from '../../statemachines/rules/finding.ts';
import { mostHistoryEvents } from '../../statemachines/rules/history-events.ts';
import type { Process, State } from '../../statemachines/rules/process.ts';
import type { StepRow } from '../../statemachines/step-row.ts';
import type { WaitRow } from '../../statemachines/wait-row.ts';

const everyTransientError = [
  ...['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.Unknown'],
  ...['Lambda.ClientExecutionTimeoutException'],
  ...['Lambda.TooManyRequestsException', 'Sandbox.Timedout', 'Runtime.ExitError', 'States.Timeout'],
  ...errors.transientInEveryStep,
];
const row = (undoneBy: StepRow['undoneBy']): StepRow => ({ handler: 'h.ts', timeoutSeconds: 5, undoneBy, grants: {} });

function lambda(name: string, next: Partial<State>, undo?: string[]): State {
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Undoing', ...(undo && { Assign: { undo } }) }];
  const Retry = [{ ErrorEquals: [...everyTransientError] }];
  const Resource = 'arn:aws:states:::lambda:invoke';
  return {
    Type: 'Task',
    Resource,
    Arguments: { FunctionName: `\${${name}}` },
    TimeoutSeconds: 9,
    Retry,
    Catch,
    ...next,
  };
}

/** Two steps, each with its undo, and a wait between them. */
function sound(): Process {
  const ask = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Arguments: {
      MessageBody: {
        contact: 'warehouse',
        timeoutSeconds: '{% ${AskTimeoutSeconds} %}',
        remindAfterSeconds: '{% ${AskRemindAfterSeconds} %}',
      },
    },
    TimeoutSeconds: '{% ${AskTimeoutSeconds} %}',
    Retry: [{ ErrorEquals: ['States.ALL'] }],
    Catch: [
      { ErrorEquals: ['States.Timeout'], Next: 'Send' },
      { ErrorEquals: ['States.ALL'], Assign: { undo: ['Refund'] }, Next: 'Undoing' },
    ],
    Next: 'Send',
  };
  const States = {
    Pay: lambda('Pay', { Next: 'Ask' }, ['Refund']),
    Ask: ask,
    Send: lambda('Send', { Next: 'Done' }, ['CallBack', 'Refund']),
    Done: { Type: 'Succeed' },
    Undoing: { Type: 'Choice', Choices: [{ Next: 'CallBack' }], Default: 'Refund' },
    CallBack: lambda('CallBack', { Next: 'Refund' }),
    Refund: lambda('Refund', { Next: 'Done' }),
  };
  const nothing = { nothing: 'it is an undo' };
  const steps = { Pay: row('Refund'), Send: row('CallBack'), CallBack: row(nothing), Refund: row(nothing) };
  const waits = { Ask: { timeoutSeconds: 60, remindAfterSeconds: [20, 40] } };
  return { definition: { StartAt: 'Pay', States }, steps, waits };
}

type Loose = {
  definition: { States: Record<string, Record<string, never> & State> };
  steps: Record<string, StepRow>;
  waits: Record<string, WaitRow>;
};

test.each(globSync(join(import.meta.dirname, '../../statemachines/*.asl.json')))('%s has no findings', async (file) => {
  expect(await processFindings(file)).toEqual([]);
});

test('a sound process has no findings', () => {
  expect(findingsOf(sound())).toEqual([]);
});

test.each<[string, (process: Loose) => unknown, string]>([
  [
    'a step without a row',
    ({ steps }) => delete steps.Send,
    'Send: found a state that runs a Lambda, expected its row in the steps',
  ],
  [
    'an undo that is no state',
    ({ steps }) => {
      steps.Pay!.undoneBy = 'Reimburse';
    },
    'Pay: undoneBy: found "Reimburse", expected the name of a state that runs a Lambda',
  ],
  [
    'no undo and no reason',
    ({ steps }) => {
      steps.Pay!.undoneBy = { nothing: '' };
    },
    'Pay: undoneBy: found {"nothing":""}, expected the state that undoes it, or the reason why nothing is undone',
  ],
  [
    'the Lambda of another step',
    ({ definition }) => {
      definition.States.Pay!.Arguments!.FunctionName = '${Send}';
    },
    'Pay: Arguments/FunctionName: found "${Send}", expected "${Pay}"',
  ],
  [
    'an act that cannot name its undo',
    ({ definition }) => {
      definition.States.Ask!.Resource = 'arn:aws:states:::sqs:sendMessage';
    },
    'Ask: Resource: found "arn:aws:states:::sqs:sendMessage", expected a Task that runs a Lambda, with a row in the steps, or that waits for its token',
  ],
  [
    'a wait without an end',
    ({ definition }) => delete definition.States.Ask!.TimeoutSeconds,
    'Ask: TimeoutSeconds: found nothing, expected a number: a Task without one waits for 99999999 s',
  ],
  [
    'a wait without a row',
    ({ waits }) => delete waits.Ask,
    'Ask: found a state that waits for its token, expected its row in the waits',
  ],
  [
    'a row without its wait',
    ({ waits }) => {
      waits.Send = { timeoutSeconds: 60, remindAfterSeconds: [] };
    },
    'Send: found a row in the waits, expected a state of this name that waits for its token',
  ],
  [
    'a time that is written into the definition',
    ({ definition }) => {
      definition.States.Ask!.TimeoutSeconds = 60;
    },
    'Ask: TimeoutSeconds: found 60, expected "{% ${AskTimeoutSeconds} %}"',
  ],
  [
    'a deadline that another state has',
    ({ definition }) => {
      definition.States.Ask!.Arguments!.MessageBody!.timeoutSeconds = '{% ${SendTimeoutSeconds} %}';
    },
    'Ask: Arguments/MessageBody/timeoutSeconds: found "{% ${SendTimeoutSeconds} %}", expected "{% ${AskTimeoutSeconds} %}"',
  ],
  [
    'reminders that the message does not have',
    ({ definition }) => delete definition.States.Ask!.Arguments!.MessageBody!.remindAfterSeconds,
    'Ask: Arguments/MessageBody/remindAfterSeconds: found nothing, expected "{% ${AskRemindAfterSeconds} %}"',
  ],
  [
    'a wait of no time',
    ({ waits }) => {
      waits.Ask = { timeoutSeconds: 0.5, remindAfterSeconds: [] };
    },
    'Ask: timeoutSeconds: found 0.5, expected whole seconds, at least 1',
  ],
  ...[[40, 20], [20, 20], [0], [60], [1.5]].map((remindAfterSeconds): [string, (process: Loose) => unknown, string] => [
    `reminders at ${remindAfterSeconds}`,
    ({ waits }) => {
      waits.Ask = { timeoutSeconds: 60, remindAfterSeconds };
    },
    `Ask: remindAfterSeconds: found ${JSON.stringify(remindAfterSeconds)}, expected whole seconds, ascending, all before the timeout of 60 s`,
  ]),
  [
    'a reminder of nobody',
    ({ definition }) => delete definition.States.Ask!.Arguments!.MessageBody!.contact,
    'Ask: remindAfterSeconds: found [20,40], expected []: nobody is asked',
  ],
  [
    'a transient error that ends the step',
    ({ definition }) => {
      definition.States.Send!.Retry![0]!.ErrorEquals.shift();
    },
    'Send: Retry: found none for Lambda.ServiceException, expected one for every transient error',
  ],
  [
    'an earlier Retrier that forbids what a later one allows',
    ({ definition }) => definition.States.Ask!.Retry!.unshift({ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 0 }),
    'Ask: Retry: found none for States.TaskFailed, expected one for every transient error',
  ],
  [
    'a declined card that is charged again',
    ({ definition }) => definition.States.Pay!.Retry!.push({ ErrorEquals: ['PaymentDeclined'] }),
    'Pay: Retry[1]/ErrorEquals: found PaymentDeclined, expected of our errors the transient ones only',
  ],
  [
    'errors that nobody catches',
    ({ definition }) => {
      definition.States.Send!.Catch![0]!.ErrorEquals = ['States.TaskFailed'];
    },
    'Send: Catch: found ["States.TaskFailed"], expected ["States.ALL"] as the ErrorEquals of the last Catcher',
  ],
  [
    'a misspelt error',
    ({ definition }) => definition.States.Pay!.Catch!.unshift({ ErrorEquals: ['CardDeclined'], Next: 'Done' }),
    'Pay: Catch[0]/ErrorEquals: found CardDeclined, expected names of States, of Lambda (statemachines/rules/error-names.ts) or of lambdas/domain/errors.ts',
  ],
  [
    'a Lambda error that there is not',
    ({ definition }) => definition.States.Pay!.Retry!.push({ ErrorEquals: ['Lambda.TooManyRequests'] }),
    'Pay: Retry[1]/ErrorEquals: found Lambda.TooManyRequests, expected names of States, of Lambda (statemachines/rules/error-names.ts) or of lambdas/domain/errors.ts',
  ],
  [
    'an undo that is forgotten',
    ({ definition }) => {
      definition.States.Send!.Catch![0]!.Assign!.undo = ['CallBack'];
    },
    'Send: Catch[0]/Assign/undo: found ["CallBack"], expected ["CallBack","Refund"]',
  ],
  [
    'undos in the order of the steps',
    ({ definition }) => {
      definition.States.Send!.Catch![0]!.Assign!.undo = ['Refund', 'CallBack'];
    },
    'Send: Catch[0]/Assign/undo: found ["Refund","CallBack"], expected ["CallBack","Refund"]',
  ],
  [
    'a failure that gives no list',
    ({ definition }) => delete definition.States.Send!.Catch![0]!.Assign,
    'Send: Catch[0]/Assign/undo: found nothing, expected ["CallBack","Refund"]',
  ],
  [
    'a way around a step',
    ({ definition }) => definition.States.Pay!.Catch!.unshift({ ErrorEquals: ['PaymentDeclined'], Next: 'Done' }),
    'Pay: Catch[0]/Assign/undo: found nothing, expected ["Refund"]',
  ],
])('%s is found', (_title, breakIt, sentence) => {
  const broken = sound();
  breakIt(broken as unknown as Loose);
  expect(findingsOf(broken).map(sentenceOf)).toContain(sentence);
});

test('a named error may call for the undos of a later step, any error may not', () => {
  const process = sound();
  const later = { Assign: { undo: ['CallBack', 'Refund'] }, Next: 'Undoing' };
  process.definition.States.Pay!.Catch!.unshift({ ErrorEquals: ['AlreadyUndone'], ...later });
  expect(findingsOf(process)).toEqual([]);
  process.definition.States.Pay!.Catch![1] = { ErrorEquals: ['States.ALL'], ...later };
  expect(findingsOf(process).map(sentenceOf)).toEqual([
    'Pay: Catch[1]/Assign/undo: found ["CallBack","Refund"], expected ["Refund"]',
  ]);
});

test('what CreateStateMachine refuses is said with its message, and where', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const file = join(folder, 'broken.asl.json');
    const B = { Type: 'Parallel', Branches: [{ StartAt: 'C', States: { C: { Type: 'Pass', Next: 'D' } } }], End: true };
    writeFileSync(file, JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B } }));
    expect(await processFindings(file)).toEqual([
      {
        state: 'C',
        field: 'Next',
        found: "MISSING_TRANSITION_TARGET: Missing 'Next' target: D at /States/B/Branches[0]/States/C/Next",
        expected: 'a definition that CreateStateMachine takes',
      },
    ]);
    writeFileSync(file, '{ "StartAt": }');
    expect((await processFindings(file)).map(({ found }) => found)).toEqual([
      expect.stringMatching(/^INVALID_JSON_DESCRIPTION: /),
    ]);
    writeFileSync(file, JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }));
    expect((await processFindings(file)).map(({ expected }) => expected)).toEqual(['the rows of its steps']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the name of an error is the name of its class', () => {
  const source = readFileSync(new URL('../../lambdas/domain/errors.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/class (\w+) extends Error \{\s+override readonly name = '(\w+)';/g)];
  expect(names.map(([, ofClass]) => ofClass)).toEqual(names.map(([, ofError]) => ofError));
  const thrown = ownErrors.names.filter((name) => !Object.values<string>(errors.waitErrors).includes(name));
  expect(names.map(([, name]) => name).sort()).toEqual(thrown.sort());
});

test('the size of a history is counted for a process that does everything once', () => {
  const pass = { Type: 'Pass', Next: 'T' };
  const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Retry: [{ ErrorEquals: ['A'] }] };
  expect(mostHistoryEvents({ StartAt: 'P', States: { P: pass, T: task } })).toBe(2 + 2 + (2 + 4 * 3));
  expect(mostHistoryEvents({ StartAt: 'M', States: { M: { Type: 'Map' } } })).toBeUndefined();
});
