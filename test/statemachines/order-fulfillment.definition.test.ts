import { describe, expect, test } from 'vitest';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import type { StepRow } from '../../statemachines/step-row.ts';
import { orderDefinition } from '../support/order-definition.ts';

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

const machine: { StartAt: string; States: Record<string, State> } = JSON.parse(orderDefinition);
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

describe.each(tasks)('%s', (_name, state) => {
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

/** A minute in which everything fails at once is nothing unusual; two are an outage that no order should end for. */
const outageSeconds = 120;

describe('an outage of two minutes ends hardly an order, however the waits between the attempts fall out', () => {
  // What gives up without consequences is not asked.
  const asked = tasks.filter(([, state]) => state.Catch!.some(({ Next }) => Next !== state.Next));

  test.each(asked)('%s', (_name, state) => {
    const ways = state.Retry!.filter(
      ({ MaxAttempts, JitterStrategy }) => MaxAttempts !== 0 && JitterStrategy === 'FULL',
    );
    expect(ways).toHaveLength(1);
    expect(chanceOfWaitingLess(outageSeconds, ways[0]!)).toBeLessThan(0.01);
  });
});

/**
 * The chance that all waits together are shorter, where every attempt fails at once: the sum of one random number for each, from
 * nothing to the longest delay. Computed in tenths of a second, each wait rounded down, so it is rather too high.
 */
function chanceOfWaitingLess(seconds: number, retrier: Retrier): number {
  const cells = seconds * 10;
  let chances: number[] = Array.from({ length: cells }, (_, cell) => (cell === 0 ? 1 : 0));
  for (const delay of delaysOf(retrier)) {
    const width = delay * 10;
    let inReach = 0;
    chances = chances.map((chance, cell) => {
      inReach += chance - (chances[cell - width] ?? 0);
      return inReach / width;
    });
  }
  return chances.reduce((sum, chance) => sum + chance, 0);
}

describe.each(lambdas)('%s', (name, state) => {
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

const longestDelays = (retrier: Retrier) => delaysOf(retrier).reduce((sum, delay) => sum + delay, 0);

function delaysOf({ IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts }: Retrier): number[] {
  const delays = Array.from({ length: MaxAttempts! }, (_, n) => IntervalSeconds! * BackoffRate! ** n);
  return delays.map((delay) => Math.min(delay, MaxDelaySeconds ?? delay));
}

describe.each(waits)('%s', (name, state) => {
  const message = state.Arguments!.MessageBody!;

  test('is tried for as long as an undo: what it asks for, nobody else can', () => {
    const [undo] = machine.States.RefundPayment!.Retry!;
    expect(state.Retry![1]).toEqual({ ...undo, ErrorEquals: ['States.ALL'] });
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
  const undone = tasks.filter(([, state]) => state.Catch!.some(({ Next }) => Next === 'BeginUndo'));

  test('by every step but the last, which is past the point of no return', () => {
    const names = new Set(undone.map(([name]) => name.replace(/^(Escalate|Expire)/, 'Await')));
    expect([...names].sort()).toEqual(happyPath().slice(0, -1).sort());
  });

  test.each(undone)('%s: with what becomes of the order', (_name, state) => {
    for (const { ErrorEquals, Assign } of state.Catch!.filter(({ Next }) => Next === 'BeginUndo')) {
      const isCancelled = ErrorEquals.some((error) => error === 'States.ALL' || error === 'AlreadyUndone');
      expect(Assign?.outcome?.status).toBe(isCancelled ? 'cancelled' : 'rejected');
    }
  });

  test('the choice knows every undo, and its first is the last to be done', () => {
    const known = machine.States.NextUndo!.Choices!.map(({ Next }) => Next);
    expect(known).toEqual([...undosOf(happyPath()).reverse(), 'RecordStuckUndos']);
  });
});
