import { describe, expect, test } from 'vitest';
import type { Checkpoints } from '../../../../local/engine/checkpoints.ts';
import { ServiceError } from '../../../../local/engine/ports.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';
import { inDays, noon, queueArn, specification, startScheduler } from './start-scheduler.ts';

const minute = 60_000;
const deadLetters = { DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' } };
const down = async () => {
  throw new ServiceError('ServiceUnavailable', 'It is down.');
};

describe('when time comes', () => {
  test('schedules run in the order of their times, each at its time', async () => {
    const { create, got, advanceDays } = startScheduler();
    await create('third', inDays(9));
    await create('first', inDays(2));
    await create('second', inDays(5.5));
    await advanceDays(8);
    expect(got).toMatchObject([
      { at: '2026-01-03T12:00:00.000Z', input: 'first' },
      { at: '2026-01-07T00:00:00.000Z', input: 'second' },
    ]);
    await advanceDays(1);
    expect(got).toMatchObject([{}, {}, { at: '2026-01-10T12:00:00.000Z', input: 'third' }]);
  });

  test('what a target creates, days later too, runs within the same move of time', async () => {
    const it = startScheduler({
      invoke: async (_target, input) => {
        if (input.length < 3) await it.create(`${input}x`, inDays(2 * (input.length + 1)));
      },
    });
    await it.create('x', inDays(2));
    await it.advanceDays(7);
    expect(it.got).toMatchObject([
      { at: '2026-01-03T12:00:00.000Z', input: 'x' },
      { at: '2026-01-05T12:00:00.000Z', input: 'xx' },
      { at: '2026-01-07T12:00:00.000Z', input: 'xxx' },
    ]);
  });

  test('a one-time schedule whose time is past runs at once', async () => {
    const { create, got, clock } = startScheduler();
    await create('late', inDays(-400), { StartDate: '2030-01-01T00:00:00Z', EndDate: '2030-01-02T00:00:00Z' });
    await clock.advance(0);
    expect(got).toMatchObject([{ at: '2026-01-01T12:00:00.000Z', input: 'late' }]);
  });

  test('a rate begins at once, keeps its beat and ends at its end date', async () => {
    const { create, got, advanceDays, scheduler } = startScheduler();
    await create('beat', 'rate(8 hours)', { EndDate: '2026-01-02T04:00:00Z' });
    await advanceDays(3);
    expect(got.map(({ at }) => at.slice(0, 16))).toEqual(['2026-01-01T12:00', '2026-01-01T20:00', '2026-01-02T04:00']);
    expect(scheduler.get('default', 'beat').dueAt).toBeUndefined();
  });

  test('a cron schedule runs by the clocks of its zone', async () => {
    const { create, got, advanceDays } = startScheduler();
    await create('daily', 'cron(30 8 * * ? *)', { ScheduleExpressionTimezone: 'America/New_York' });
    await advanceDays(2);
    expect(got.map(({ at }) => at)).toEqual(['2026-01-01T13:30:00.000Z', '2026-01-02T13:30:00.000Z']);
  });

  test('a flexible one runs at the beginning of its window', async () => {
    const { create, got, advanceDays } = startScheduler();
    await create('flexible', inDays(1), { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 60 } });
    await advanceDays(1);
    expect(got).toHaveLength(1);
  });

  test('one that was deleted does not run, nor does one whose group was', async () => {
    const { create, got, advanceDays, scheduler } = startScheduler();
    await scheduler.createGroup('waits');
    await create('a', inDays(1));
    await create('b', inDays(1), { GroupName: 'waits' });
    await scheduler.delete('default', 'a');
    await scheduler.deleteGroup('waits');
    await advanceDays(2);
    expect(got).toEqual([]);
  });
});

describe('a schedule that has completed', () => {
  test('stays, or goes if that is what it says', async () => {
    const { create, advanceDays, scheduler, got } = startScheduler();
    await create('stays', inDays(1));
    await create('goes', inDays(1), { ActionAfterCompletion: 'DELETE' });
    await create('ends', 'rate(1 day)', { ActionAfterCompletion: 'DELETE', EndDate: '2026-01-02T18:00:00Z' });
    await create('goes-on', 'rate(1 day)', { ActionAfterCompletion: 'DELETE' });
    await advanceDays(1);
    expect(scheduler.list().map(({ specification: { Name } }) => Name)).toEqual(['goes-on', 'stays']);
    expect(got).toHaveLength(6);
  });

  test('goes only when its target took it', async () => {
    let works = false;
    const { create, clock, scheduler } = startScheduler({ invoke: async () => (works ? undefined : down()) });
    await create('r', inDays(-1), { ActionAfterCompletion: 'DELETE' });
    await clock.advance(500);
    expect(scheduler.list()).toHaveLength(1);
    works = true;
    await clock.advance(500);
    expect(scheduler.list()).toEqual([]);
  });
});

describe('an update', () => {
  test('moves the time, or takes it away', async () => {
    const { create, advanceDays, got, scheduler } = startScheduler();
    await create('moved', inDays(1));
    await create('disabled', inDays(1));
    await scheduler.update(specification('moved', inDays(2)));
    await scheduler.update(specification('disabled', inDays(1), { State: 'DISABLED' }));
    await advanceDays(1.5);
    expect(got).toEqual([]);
    await scheduler.update(specification('disabled', inDays(1)));
    await advanceDays(1);
    expect(got).toMatchObject([
      { at: '2026-01-03T00:00:00.000Z', input: 'disabled' },
      { at: '2026-01-03T12:00:00.000Z', input: 'moved' },
    ]);
  });

  test('that leaves the time alone keeps the beat, and does not run again what ran', async () => {
    const { create, advanceDays, got, scheduler, clock } = startScheduler();
    await create('once', inDays(0));
    await create('beat', 'rate(1 day)');
    await clock.advance(0);
    expect(got).toHaveLength(2);
    await advanceDays(0.25);
    await scheduler.update(specification('once', inDays(0), { Description: 'new' }));
    await scheduler.update(specification('beat', 'rate(1 day)', { Description: 'new' }));
    await advanceDays(0.5);
    expect(got).toHaveLength(2);
    await advanceDays(0.25);
    expect(got).toHaveLength(3);
  });
});

describe('the input', () => {
  test('has its keywords replaced', async () => {
    let failures = 1;
    const { create, got, clock } = startScheduler({ invoke: async () => (failures-- > 0 ? down() : undefined) });
    const Input =
      '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id> <aws.scheduler.attempt-number> <aws.scheduler.other>';
    await create('r', inDays(-1), { Target: { Input } });
    await clock.advance(1000);
    const [first, second] = got.map(({ input }) => input.split(' '));
    expect(first).toEqual([
      'arn:aws:scheduler:us-east-1:000000000000:schedule/default/r',
      '2025-12-31T12:00:00Z',
      expect.stringMatching(/^[0-9a-f]{16}$/),
      '1',
      '<aws.scheduler.other>',
    ]);
    expect(second).toEqual([...first!.slice(0, 3), '2', first![4]]);
  });

  test('that is missing is a notification', async () => {
    const { scheduler, got, clock } = startScheduler();
    const { Input: _, ...Target } = specification('r', inDays(0)).Target;
    await scheduler.create({ ...specification('r', inDays(0)), Target });
    await clock.advance(0);
    expect(JSON.parse(got[0]!.input)).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: '2026-01-01T12:00:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/r'],
      detail: '{}',
    });
  });
});

describe('a target that does not take it', () => {
  test('is tried again later and later, as often as the policy says, and then the dead-letter queue gets it', async () => {
    const { create, got, letters, warned, clock } = startScheduler({ invoke: down });
    await create('r', inDays(0), { Target: { ...deadLetters, RetryPolicy: { MaximumRetryAttempts: 3 } } });
    await clock.advance(10 * minute);
    expect(got.map(({ at }) => at.slice(17, 19))).toEqual(['00', '01', '03', '07']);
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(letters).toEqual([
      {
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
        letter: {
          MessageBody: 'r',
          MessageAttributes: {
            ERROR_CODE: text('ServiceUnavailable'),
            ERROR_MESSAGE: text('It is down.'),
            EXECUTION_ID: { DataType: 'String', StringValue: expect.stringMatching(/^[0-9a-f]{16}$/) },
            EXHAUSTED_RETRY_CONDITION: text('MaximumRetryAttempts'),
            IS_PAYLOAD_TRUNCATED: text('false'),
            RETRY_ATTEMPTS: text('3'),
            SCHEDULED_TIME: text('2026-01-01T12:00:00Z'),
            SCHEDULE_ARN: text('arn:aws:scheduler:us-east-1:000000000000:schedule/default/r'),
            TARGET_ARN: text(queueArn),
          },
        },
      },
    ]);
    expect(warned).toEqual([]);
  });

  test('is given up when the event is too old, with a sentence where there is no dead-letter queue', async () => {
    const { create, got, warned, clock, store } = startScheduler({ invoke: down });
    await create('r', inDays(-7), { Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } } });
    await clock.advance(10 * minute);
    expect(got).toHaveLength(6);
    expect(warned).toEqual([
      `The schedule arn:aws:scheduler:us-east-1:000000000000:schedule/default/r could not reach ${queueArn} (It is down.) and has no dead-letter queue: this invocation is dropped.`,
    ]);
    expect(store.list('scheduler-deliveries')).toEqual([]);
  });

  test('has by default a day and 185 retries, which end together', async () => {
    const { create, got, advanceDays } = startScheduler({ invoke: down });
    await create('r', inDays(0));
    await advanceDays(2);
    expect(got).toHaveLength(186);
    expect(Date.parse(got.at(-1)!.at) - noon).toBeGreaterThan(23 * 60 * minute);
  });
});

describe('after a crash', () => {
  test('what was due meanwhile is due at the start, the others keep their times', async () => {
    const first = startScheduler();
    await first.create('due', inDays(1));
    await first.create('later', inDays(3));
    await first.create('beat', 'rate(6 hours)');
    await first.clock.advance(0);
    expect(first.got).toMatchObject([{ input: 'beat' }]);
    first.kill();

    const second = startScheduler({ store: first.store, startAt: noon + 2.1 * 1440 * minute });
    await second.clock.advance(0);
    // Of the times of a rate that passed meanwhile one is made up for.
    expect(second.got.map(({ input }) => input).sort()).toEqual(['beat', 'due']);
    await second.advanceDays(1);
    expect(second.got.slice(2).map(({ at, input }) => `${input} ${at.slice(0, 16)}`)).toEqual([
      'beat 2026-01-03T18:00',
      'beat 2026-01-04T00:00',
      'beat 2026-01-04T06:00',
      expect.stringMatching(/^(beat|later) 2026-01-04T12:00/),
      expect.stringMatching(/^(beat|later) 2026-01-04T12:00/),
    ]);
  });

  test.each(['before', 'after'] as const)(
    'right %s any commit what was accepted is delivered at least once, and nothing is left over',
    async (when) => {
      for (let commit = 1, complete = false; !complete; commit++) {
        const durable = checkpointsInMemory();
        const dying = dyingAt(commit, when, durable);
        const delivered: string[] = [];
        const first = startScheduler({
          store: dying,
          invoke: async (_target, input) => {
            if (!dying.dead()) delivered.push(input);
          },
        });
        const accepted: string[] = [];
        const accept = (name: string) => () => accepted.push(name);
        for (const name of ['a', 'b']) {
          void first.create(name, inDays(1), { ActionAfterCompletion: 'DELETE' }).then(accept(name));
        }
        void first.clock.advance(1440 * minute);
        // In memory everything happens within one turn of the event loop.
        await new Promise(setImmediate);
        first.kill();
        complete = !dying.dead();

        const second = startScheduler({ store: durable, startAt: noon + 1440 * minute });
        await second.clock.advance(0);
        delivered.push(...second.got.map(({ input }) => input));
        expect(delivered).toEqual(expect.arrayContaining(accepted));
        expect(durable.list('scheduler-schedules')).toEqual([]);
        expect(durable.list('scheduler-deliveries')).toEqual([]);
        if (complete) expect([delivered.sort(), second.got]).toEqual([['a', 'b'], []]);
      }
    },
  );

  test('a target that failed is tried again at the time that was planned', async () => {
    const first = startScheduler({ invoke: down });
    await first.create('r', inDays(0));
    await first.clock.advance(minute);
    const failures = first.got.length;
    first.kill();
    const second = startScheduler({ store: first.store, startAt: noon + minute });
    await second.clock.advance(minute);
    expect(second.got).toHaveLength(1);
    expect(Date.parse(second.got[0]!.at)).toBe(noon + (2 ** failures - 1) * 1000);
  });

  test('a stop waits for what is being handed over, and takes no failure from it', async () => {
    const held = Promise.withResolvers<void>();
    const it = startScheduler({ invoke: () => held.promise });
    await it.create('r', inDays(0));
    const advanced = it.clock.advance(0);
    while (it.got.length === 0) await new Promise(setImmediate);
    const stopped = it.scheduler.stop();
    held.reject(new Error('The target stops too.'));
    await Promise.all([stopped, advanced]);
    expect(it.store.list('scheduler-deliveries').map(({ value }) => JSON.parse(value))).toMatchObject([
      { failures: 0 },
    ]);
    const second = startScheduler({ store: it.store });
    await second.clock.advance(0);
    expect(second.got).toHaveLength(1);
  });
});

/** Commits what was written in one turn together, as the journal does. Dies at the n-th commit, which nobody hears of then. */
function dyingAt(commit: number, when: 'before' | 'after', durable: Checkpoints) {
  let commits = 0;
  let turn: { writes: (() => void)[]; done: Promise<void> } | undefined;
  const append = (write: () => void): Promise<void> => {
    if (!turn) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const writes: (() => void)[] = [];
      turn = { writes, done: promise };
      queueMicrotask(() => {
        turn = undefined;
        commits++;
        if (commits < commit || (commits === commit && when === 'after')) for (const one of writes) one();
        if (commits < commit) resolve();
      });
    }
    turn.writes.push(write);
    return turn.done;
  };
  return {
    ...durable,
    dead: () => commits >= commit,
    set: (source: string, key: string, value: string) => append(() => void durable.set(source, key, value)),
    delete: (source: string, key: string) => append(() => void durable.delete(source, key)),
  };
}
