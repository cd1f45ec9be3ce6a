import { describe, expect, it } from 'vitest';
import { matches } from '../../../local/asl/retry.ts';
import { drive } from '../../support/interpreter-driver.ts';

const machine = (Retry: object[]) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Try',
  States: {
    Try: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { attempt: '{% $states.context.State.RetryCount %}' },
      Retry,
      End: true,
    },
  },
});

/** Seconds between the attempts of a task that always fails. */
async function delays(Retry: object[], errors = ['Boom']): Promise<number[]> {
  let attempt = 0;
  const driver = await drive({
    definition: machine(Retry),
    tasks: () => ({ error: errors[Math.min(attempt++, errors.length - 1)] ?? '' }),
  });
  const times = driver.events.filter(({ type }) => type === 'TaskScheduled').map(({ timestamp }) => timestamp / 1000);
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('Retry', () => {
  it('tries three more times by default, after 1, 2 and 4 seconds', async () => {
    expect(await delays([{ ErrorEquals: ['States.ALL'] }])).toEqual([1, 2, 4]);
  });

  it('keeps to IntervalSeconds, BackoffRate, MaxAttempts and MaxDelaySeconds', async () => {
    const retrier = { ErrorEquals: ['Boom'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 10 };
    expect(await delays([retrier])).toEqual([2, 6, 10, 10]);
  });

  it('never waits longer than a wait can be written down', async () => {
    expect(await delays([{ ErrorEquals: ['Boom'], BackoffRate: 1e308 }])).toEqual([1, 2_147_483_647, 2_147_483_647]);
  });

  it('does not try again with MaxAttempts 0', async () => {
    expect(await delays([{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }])).toEqual([]);
  });

  it('counts the attempts of each Retrier apart', async () => {
    const retriers = [
      { ErrorEquals: ['A'], MaxAttempts: 1, IntervalSeconds: 5 },
      { ErrorEquals: ['B'], MaxAttempts: 2, IntervalSeconds: 7, BackoffRate: 1 },
    ];
    expect(await delays(retriers, ['A', 'B', 'B', 'A'])).toEqual([5, 7, 7]);
  });

  it('draws a delay between nothing and the whole one with jitter FULL, and writes it down', async () => {
    const driver = await drive({
      definition: machine([{ ErrorEquals: ['Boom'], IntervalSeconds: 10, MaxAttempts: 1, JitterStrategy: 'FULL' }]),
      tasks: () => ({ error: 'Boom' }),
      seed: 1_000_000_000,
    });
    const planned = driver.entries.find(({ hidden }) => hidden?.fact === 'RetryPlanned');
    const delay = Number(planned?.hidden?.dueAt) - (planned?.at ?? 0);
    expect(delay).toBeGreaterThan(0);
    expect(delay).toBeLessThan(10_000);
    const again = driver.events.filter(({ type }) => type === 'TaskScheduled')[1];
    expect(again?.timestamp).toBe(planned?.hidden?.dueAt);
  });

  it('chains the next attempt to the failure and tells it how many there were', async () => {
    const driver = await drive({
      definition: machine([{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }]),
      tasks: ({ taskId }) => (taskId === '#3' ? { error: 'Boom' } : { result: 1 }),
    });
    expect(driver.lines.slice(4, 7)).toEqual(['5<4 TaskFailed', '6<5 TaskScheduled', '7<6 TaskStarted']);
    expect(driver.details('TaskScheduled').map(({ parameters }) => parameters)).toEqual([
      '{"attempt":0}',
      '{"attempt":1}',
    ]);
  });
});

describe('ErrorEquals', () => {
  it.each([
    [['Boom'], { error: 'Boom' }, true],
    [['boom'], { error: 'Boom' }, false],
    [['States.ALL'], {}, true],
    [['States.TaskFailed'], { error: 'Boom' }, true],
    [['States.TaskFailed'], { error: 'States.Timeout' }, false],
    [['States.Timeout'], { error: 'States.Timeout', missedHeartbeat: true as const }, true],
    [['States.HeartbeatTimeout'], { error: 'States.Timeout' }, false],
    [['States.HeartbeatTimeout'], { error: 'States.Timeout', missedHeartbeat: true as const }, true],
    [['States.ALL'], { error: 'States.DataLimitExceeded' }, true],
    [['States.Runtime', 'States.ALL'], { error: 'States.Runtime', terminal: true as const }, false],
  ])('%j names %j: %j', (names, failure, expected) => {
    expect(matches(names, failure)).toBe(expected);
  });
});
