import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { transientErrors } from '../../lambdas/domain/errors.ts';
import { parseMachine } from '../../local/asl/machine.ts';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import type { StepRow } from '../../statemachines/step-row.ts';

interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  MaxAttempts?: number;
  JitterStrategy?: string;
}
interface Catcher {
  ErrorEquals: string[];
  Assign?: { undo?: unknown; outcome?: { status: string } };
  Next: string;
}
interface State {
  Type: string;
  Comment?: string;
  Resource?: string;
  Arguments?: { FunctionName?: string; QueueUrl?: string; MessageBody?: Record<string, unknown> };
  TimeoutSeconds?: number;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Choices?: { Next: string }[];
  Default?: string;
  Next?: string;
  End?: boolean;
}

const text = readFileSync(new URL('../../statemachines/order-fulfillment.asl.json', import.meta.url), 'utf8');
const machine: { StartAt: string; States: Record<string, State> } = JSON.parse(text);
const rows: Readonly<Record<string, StepRow>> = steps;

const tasks = Object.entries(machine.States).filter(([, state]) => state.Type === 'Task');
const lambdas = tasks.filter(([, state]) => state.Resource === 'arn:aws:states:::lambda:invoke');
const waits = tasks.filter(([, state]) => state.Resource === 'arn:aws:states:::sqs:sendMessage.waitForTaskToken');

function happyPath(): string[] {
  const path: string[] = [];
  for (let name: string | undefined = machine.StartAt; name; name = machine.States[name]!.Next) path.push(name);
  return path;
}

const undosOf = (names: readonly string[]) =>
  names.flatMap((name) => {
    const undo = rows[name]?.undoneBy;
    return typeof undo === 'string' ? [undo] : [];
  });

test('the definition is one that CreateStateMachine takes', () => {
  expect(() => parseMachine(text)).not.toThrow();
});

test('the way of an order that goes well is the seven states and no other', () => {
  expect(happyPath()).toEqual([
    'ChargePayment',
    'ReserveInventory',
    'CreateShippingLabel',
    'AwaitPicking',
    'SendConfirmationEmail',
    'AwaitCarrierPickup',
    'CompleteOrder',
  ]);
});

test('every task is a Lambda with a row or a wait', () => {
  expect(lambdas.map(([name]) => name).sort()).toEqual(Object.keys(rows).sort());
  expect(tasks).toHaveLength(lambdas.length + waits.length);
  for (const [name, state] of lambdas) expect(state.Arguments?.FunctionName).toBe(`\${${name}}`);
});

test('every state can be reached', () => {
  const targets = Object.values(machine.States).flatMap((state) => [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ]);
  expect(Object.keys(machine.States).filter((name) => name !== machine.StartAt && !targets.includes(name))).toEqual([]);
});

describe.each(tasks)('%s', (_name, state) => {
  test('has a timeout, and catches everything last', () => {
    expect(state.TimeoutSeconds).toBeGreaterThan(0);
    expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
  });

  test('waits a random part of a growing time before it tries again', () => {
    const retriers = state.Retry!.filter((retrier) => retrier.MaxAttempts !== 0);
    expect(retriers.length).toBeGreaterThan(0);
    for (const retrier of retriers) {
      if (retrier.ErrorEquals.includes('StepInProgress')) continue;
      expect(retrier).toMatchObject({ JitterStrategy: 'FULL', BackoffRate: 2 });
      expect(retrier.MaxDelaySeconds).toBeGreaterThan(retrier.IntervalSeconds!);
    }
  });
});

describe.each(lambdas)('%s', (name, state) => {
  test('gives its Lambda the time to fail by itself', () => {
    expect(state.TimeoutSeconds).toBeGreaterThan(rows[name]!.timeoutSeconds);
  });

  test('tries again what is transient and nothing else', () => {
    const transient = state.Retry!.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(transient).toEqual(
      expect.arrayContaining([
        'ServiceUnavailable',
        'TableContended',
        'StepInProgress',
        'States.Timeout',
        'Sandbox.Timedout',
        'Lambda.ServiceException',
        'Lambda.TooManyRequestsException',
      ]),
    );
    const ours = transient.filter((error) => !/^(Lambda|States|Sandbox|Runtime)\./.test(error));
    expect([...transientErrors, 'StepInProgress']).toEqual(expect.arrayContaining(ours));
  });

  test('waits for a running invocation of itself longer than that can live', () => {
    const retrier = state.Retry!.find(({ ErrorEquals }) => ErrorEquals.includes('StepInProgress'))!;
    expect(retrier.MaxAttempts! * retrier.IntervalSeconds!).toBeGreaterThan(rows[name]!.timeoutSeconds);
    // Jitter would shorten it.
    expect(retrier.JitterStrategy).toBe('NONE');
  });

  test('says in its comment how long it can take', () => {
    const budget = state.Retry!.reduce(
      (seconds, retrier) => seconds + retrier.MaxAttempts! * state.TimeoutSeconds! + longestDelays(retrier),
      state.TimeoutSeconds!,
    );
    expect(state.Comment).toContain(`Up to ${budget} s`);
  });
});

function longestDelays({ IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts }: Retrier): number {
  const delays = Array.from({ length: MaxAttempts! }, (_, n) => IntervalSeconds! * BackoffRate! ** n);
  return delays.reduce((sum, delay) => sum + Math.min(delay, MaxDelaySeconds ?? delay), 0);
}

describe.each(waits)('%s', (name, state) => {
  const message = state.Arguments!.MessageBody!;

  test('asks until its own timeout', () => {
    expect(message.timeoutSeconds).toBe(state.TimeoutSeconds);
  });

  test('is not asked again because it was answered', () => {
    expect(state.Retry![0]).toEqual({
      ErrorEquals: ['OrderCancelled', 'WaitExpired', 'WaitNotOpened', 'States.Timeout'],
      MaxAttempts: 0,
    });
  });

  test('is an escalation or the end of the wait whose id it has', () => {
    const of = /#(\w+)/.exec(String(message.waitId))![1]!;
    if (name === of) return;
    expect(message.kind).toBe(machine.States[of]!.Arguments!.MessageBody!.kind);
    expect(state.Next).toBe(machine.States[of]!.Next);
  });
});

test('a wait is escalated when nobody answers, and ends when nobody answers that', () => {
  for (const wait of ['Picking', 'CarrierPickup']) {
    const onTimeout = (name: string) =>
      machine.States[name]!.Catch!.find(({ ErrorEquals }) => ErrorEquals.includes('States.Timeout'))?.Next;
    expect(onTimeout(`Await${wait}`)).toBe(`Escalate${wait}`);
    expect(onTimeout(`Escalate${wait}`)).toBe(`Expire${wait}`);
    expect(machine.States[`Expire${wait}`]!.Arguments!.MessageBody!.answerIfNone).toEqual({ error: 'WaitExpired' });
  }
});

describe('an undo is registered before its step runs', () => {
  const waitOf = (name: string) => name.replace(/^(Escalate|Expire)/, 'Await');
  const path = happyPath();
  const undone = tasks.filter(([, state]) => state.Catch!.some(({ Next }) => Next === 'BeginUndo'));

  test('by every step but the last, which is past the point of no return', () => {
    const names = new Set(undone.map(([name]) => waitOf(name)));
    expect([...names].sort()).toEqual(path.slice(0, -1).sort());
  });

  test.each(undone)('%s: all undos so far, its own first', (name, state) => {
    const before = path.slice(0, path.indexOf(waitOf(name)) + 1);
    for (const catcher of state.Catch!.filter(({ Next }) => Next === 'BeginUndo')) {
      // What an earlier execution began to undo may have been at any step.
      const undone = catcher.ErrorEquals.includes('AlreadyUndone') ? path : before;
      expect(catcher.Assign?.undo).toEqual(undosOf(undone).reverse());
      expect(catcher.Assign?.outcome?.status).toBe(
        catcher.ErrorEquals.some((error) => error === 'States.ALL' || error === 'AlreadyUndone')
          ? 'cancelled'
          : 'rejected',
      );
    }
  });

  test('the choice knows every undo, and its first is the last to be done', () => {
    const known = machine.States.NextUndo!.Choices!.map(({ Next }) => Next);
    expect(known).toEqual([...undosOf(path).reverse(), 'AwaitOperator']);
  });
});
