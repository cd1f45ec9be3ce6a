import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as errors from '../../lambdas/domain/errors.ts';
import type { LoopRow } from '../../statemachines/loop-row.ts';
import { findingsOf, ownErrors, processFindings } from '../../statemachines/process-findings.ts';
import { sentenceOf } from '../../statemachines/rules/finding.ts';
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
  const Output = { orderId: '{% $states.input.orderId %}' };
  const Catch = [{ ErrorEquals: ['States.ALL'], Output, Next: 'Undoing', ...(undo && { Assign: { undo } }) }];
  const Retry = [{ ErrorEquals: [...everyTransientError] }];
  const Resource = 'arn:aws:states:::lambda:invoke';
  return {
    Type: 'Task',
    Resource,
    Arguments: { FunctionName: `\${${name}}` },
    Output,
    TimeoutSeconds: 9,
    Retry,
    Catch,
    ...next,
  };
}

const firstIs = (name: string) => ({ Condition: `{% $undo[0] = '${name}' %}`, Next: name });
function undoing(name: string): State {
  const Assign = { undo: `{% [$undo[$ != '${name}']] %}` };
  const Catch = [{ ErrorEquals: ['States.ALL'], Assign, Output: {}, Next: 'Undoing' }];
  return lambda(name, { Assign, Catch, Next: 'Undoing' });
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
    Output: '{% $states.input %}',
    Retry: [{ ErrorEquals: ['States.ALL'] }],
    Catch: [
      { ErrorEquals: ['States.Timeout'], Output: '{% $states.input %}', Next: 'Send' },
      { ErrorEquals: ['States.ALL'], Assign: { undo: ['CallBack', 'Refund'] }, Output: {}, Next: 'Undoing' },
    ],
    Next: 'Send',
  };
  const States = {
    Pay: lambda('Pay', { Next: 'Ask' }, ['CallBack', 'Refund']),
    Ask: ask,
    Send: lambda('Send', { Next: 'Done' }, ['CallBack', 'Refund']),
    Done: { Type: 'Succeed' },
    Undoing: { Type: 'Choice', Choices: [firstIs('CallBack'), firstIs('Refund')], Default: 'Done' },
    CallBack: undoing('CallBack'),
    Refund: undoing('Refund'),
  };
  const nothing = { nothing: 'it is an undo' };
  const steps = { Pay: row('Refund'), Send: row('CallBack'), CallBack: row(nothing), Refund: row(nothing) };
  const waits = { Ask: { timeoutSeconds: 60, remindAfterSeconds: [20, 40] } };
  const loops = { Undoing: { shortens: 'undo' } };
  return { definition: { QueryLanguage: 'JSONata', StartAt: 'Pay', States }, steps, waits, loops };
}

type Loose = {
  definition: { States: Record<string, Record<string, never> & State> };
  steps: Record<string, StepRow>;
  waits: Record<string, WaitRow>;
  loops: Record<string, LoopRow>;
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
  [
    'a row that only earlier definitions need, and that does not say so',
    ({ steps }) => {
      steps.Weigh = row({ nothing: 'it only looks' });
    },
    'Weigh: found a row in the steps, expected a state of this name that runs a Lambda, or `retired: true`',
  ],
  [
    'a retired row that is in use',
    ({ steps }) => {
      steps.Pay!.retired = true;
    },
    'Pay: retired: found true, expected nothing: a state names this row',
  ],
  [
    'a result that is passed on whole, because nothing is said',
    ({ definition }) => delete definition.States.Pay!.Output,
    'Pay: Output: found nothing, which is the whole result, expected the fields that later states need',
  ],
  [
    'an error that is passed on whole',
    ({ definition }) => delete definition.States.Ask!.Catch![1]!.Output,
    'Ask: Catch[1]/Output: found nothing, which is the whole error, expected the fields that later states need',
  ],
  ...(
    [
      ['Pay', "{% $merge([{ 'paid': true }, $states.result.Payload]) %}", '$states.result.Payload'],
      ['Pay', '{% $states.result %}', '$states.result'],
      ['Pay', '{% $states.result.Payload.* %}', '$states.result.Payload'],
      ['Pay', '{% $states.result.Payload[0] %}', '$states.result.Payload'],
      ['Ask', '{% $states.result %}', '$states.result'],
      ['Send', '{% $states.context.Execution.Input %}', '$states.context.Execution.Input'],
      ['Send', '{% [$states.context.Execution].Id %}', '$states.context.Execution'],
      ['Send', '{% $states.context %}', '$states.context'],
      ['Send', '{% $states %}', '$states'],
      // The first state has the whole order as its input; the others have what they were given.
      ['Pay', '{% $states.input %}', '$states.input'],
    ] as const
  ).map(([state, expression, whole]): [string, (process: Loose) => unknown, string] => [
    `${expression} in ${state}`,
    ({ definition }) => {
      definition.States[state]!.Output = { kept: expression };
    },
    `${state}: Output/kept: found ${whole} as a whole, expected the fields of it that later states need: ${whole}.{ 'id': id }`,
  ]),
  [
    'a result that becomes a variable',
    ({ definition }) => {
      definition.States.Ask!.Assign = { answer: '{% $states.result %}' };
    },
    "Ask: Assign/answer: found $states.result as a whole, expected the fields of it that later states need: $states.result.{ 'id': id }",
  ],
  [
    'the order in what follows on the first state, if that hands it on',
    ({ definition }) => {
      definition.States.Look = {
        Type: 'Choice',
        Choices: [{ Condition: '{% true %}', Next: 'Send' }],
        Default: 'Pay',
      } as never;
      Object.assign(definition, { StartAt: 'Look' });
      definition.States.Send!.Output = '{% $states.input %}';
    },
    "Send: Output: found $states.input as a whole, expected the fields of it that later states need: $states.input.{ 'id': id }",
  ],
  [
    'a variable that is not assigned on every way',
    ({ definition }) => {
      definition.States.Refund!.Arguments!.FunctionName = '{% $undo[0] & $fee %}';
    },
    'Refund: found $fee, expected a variable that is assigned on every way to Refund',
  ],
  [
    'one that is read within a branch',
    ({ definition }) => {
      const In = { Type: 'Pass', Assign: { own: 1 }, Output: {}, Next: 'Out' };
      const Out = { Type: 'Pass', Output: { a: '{% $own + $fee %}' }, End: true };
      const Branches = [{ StartAt: 'In', States: { In, Out } }];
      definition.States.Done = { Type: 'Parallel', Branches, Output: {}, End: true } as never;
    },
    'Done: found $fee, expected a variable that is assigned on every way to Done',
  ],
  [
    'a loop without a row',
    ({ loops }) => delete loops.Undoing,
    'found a loop of Undoing, CallBack, Refund, expected a row in the loops that bounds it, or its end: the order can go on through the resume machine',
  ],
  [
    'a row without its loop',
    ({ loops }) => {
      loops.Done = { shortens: 'undo' };
    },
    'Done: found a row in the loops, expected a loop that this Choice leaves',
  ],
  [
    'a way round that leaves the list as it is',
    ({ definition }) => {
      definition.States.Refund!.Catch![0]!.Assign = {};
    },
    `Undoing: Choices[1]/Condition: found a way back that leaves it on the list, expected "{% [$undo[$ != 'Refund']] %}" assigned on each`,
  ],
  [
    'one that puts something on it',
    ({ definition }) => {
      definition.States.Refund!.Assign = { undo: "{% [$undo, 'CallBack'] %}" };
    },
    `Undoing: shortens: found "{% [$undo, 'CallBack'] %}", expected nothing put on the list within the loop (Refund)`,
  ],
  [
    'a Choice that goes round whatever is on the list',
    ({ definition }) => {
      definition.States.Undoing!.Default = 'Refund';
    },
    `Undoing: Choice: found nothing, expected "{% $undo[0] = '...' %}": Refund is within the loop`,
  ],
  [
    'a history that can become too long',
    ({ definition }) => {
      definition.States.Send!.Retry![0]!.MaxAttempts = 9000;
    },
    'found up to 27075 history events, expected less than 25000: fewer attempts or passes, or an end from which the order goes on through the resume machine',
  ],
])('%s is found', (_title, breakIt, sentence) => {
  const broken = sound();
  breakIt(broken as unknown as Loose);
  expect(findingsOf(broken).map(sentenceOf)).toContain(sentence);
});

test('any error calls for the undos of later steps too, which an earlier execution may have come to; a named one may', () => {
  const process = sound();
  const { Catch } = process.definition.States.Pay!;
  const only = { Assign: { undo: ['Refund'] }, Output: {}, Next: 'Undoing' };
  Catch!.unshift({ ErrorEquals: ['PaymentDeclined'], ...only });
  expect(findingsOf(process)).toEqual([]);
  Catch![0] = { ...only, ErrorEquals: ['AlreadyUndone'], Assign: { undo: ['CallBack', 'Refund'] } };
  expect(findingsOf(process)).toEqual([]);
  Catch![1] = { ErrorEquals: ['States.ALL'], ...only };
  expect(findingsOf(process).map(sentenceOf)).toEqual([
    'Pay: Catch[1]/Assign/undo: found ["Refund"], expected ["CallBack","Refund"]',
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

test('what undoes a retired step may be retired with it', () => {
  const process = sound() as unknown as Loose;
  process.steps.Weigh = { ...row('Unweigh'), retired: true };
  process.steps.Unweigh = { ...row({ nothing: 'it is an undo' }), retired: true };
  expect(findingsOf(process as never)).toEqual([]);
});

test('a process that cannot be resumed is found, and so is what is wrong with its mapping', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const file = join(folder, 'small.asl.json');
    writeFileSync(join(folder, 'small.steps.ts'), 'export const steps = {};');
    writeFileSync(join(folder, 'small.migration.json'), JSON.stringify([{ from: 'none.json', states: {} }]));
    const Resume = { Type: 'Pass', Output: {}, End: true };
    writeFileSync(file, JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Resume', States: { Resume } }));
    expect((await processFindings(file)).map(sentenceOf)).toEqual([
      'found Resume: a state of this name is generated in the resume machine, name it otherwise, expected a process whose executions can be resumed',
      'small.migration.json[0]/from: found no file none.json, expected an earlier definition',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
