import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeAws } from '../../support/fake-aws.ts';

Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
const aws = await startFakeAws();
afterAll(aws.stop);
const { deleteReminder, scheduleNameOf, setReminder } = await import('../../../lambdas/adapters/reminders.ts');

const waitId = 'ord_1#AwaitPicking';
const set = (at: string) => setReminder({ waitId, at });
beforeEach(() => {
  aws.schedules.clear();
  aws.calls.length = 0;
});

describe('a reminder', () => {
  it('is a schedule for one time, which puts the wait into the queue of reminders', async () => {
    await set('2030-01-02T08:00:00.000Z');
    expect([...aws.schedules.values()]).toEqual([
      {
        ClientToken: expect.any(String),
        Name: 'ord_1.AwaitPicking',
        GroupName: 'reminders',
        ScheduleExpression: 'at(2030-01-02T08:00:00)',
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'NONE',
        Target: {
          Arn: 'arn:aws:sqs:us-east-1:000000000000:reminders',
          RoleArn: 'arn:aws:iam::000000000000:role/reminders',
          Input: JSON.stringify({ waitId }),
        },
      },
    ]);
  });

  it.each([
    ['2030-01-02T08:00:00.001Z', 'at(2030-01-02T08:01:00)'],
    ['2030-12-31T23:59:59.999Z', 'at(2031-01-01T00:00:00)'],
  ])('that is due at %s is %s, because a schedule runs at any second of its minute', async (at, expression) => {
    await set(at);
    expect(aws.schedules.get('ord_1.AwaitPicking')!.ScheduleExpression).toBe(expression);
  });

  it('is one per wait: the next one takes the place of the one before', async () => {
    await set('2030-01-02T08:00:00.000Z');
    await set('2030-01-03T12:00:00.000Z');
    expect(aws.schedules.size).toBe(1);
    expect(aws.schedules.get('ord_1.AwaitPicking')!.ScheduleExpression).toBe('at(2030-01-03T12:00:00)');
  });

  it('is made anew when it is deleted between the try to make it and the try to move it', async () => {
    aws.failNext('CreateSchedule', 'ConflictException');
    await set('2030-01-02T08:00:00.000Z');
    expect(aws.calls).toEqual(['CreateSchedule', 'UpdateSchedule', 'CreateSchedule']);
    expect(aws.schedules.size).toBe(1);
  });

  it.each(['CreateSchedule', 'UpdateSchedule'])('that %s refuses is an error', async (operation) => {
    if (operation === 'UpdateSchedule') await set('2030-01-02T08:00:00.000Z');
    aws.failNext(operation, 'ServiceQuotaExceededException');
    await expect(set('2030-01-02T09:00:00.000Z')).rejects.toThrow('ServiceQuotaExceededException');
  });

  it('is deleted, also when it is gone already', async () => {
    await set('2030-01-02T08:00:00.000Z');
    await deleteReminder(waitId);
    await deleteReminder(waitId);
    expect(aws.schedules.size).toBe(0);
  });
});

describe('the name of a schedule', () => {
  const long = 'o'.repeat(100);
  it.each([
    ['ord_1#AwaitPicking', 'ord_1.AwaitPicking'],
    [`ord_${'a'.repeat(26)}#AwaitOperator-1893553445678-12`, `ord_${'a'.repeat(26)}.AwaitOperator-1893553445678-12`],
  ])('of %s is %s', (id, name) => {
    expect(scheduleNameOf(id)).toBe(name);
  });

  it('is one that EventBridge Scheduler takes, and another one for every wait, however long its id is', () => {
    const ids = [
      `${long}#A`,
      `${long}#B`,
      `${long}p#A`,
      `o#${'B'.repeat(60)}`,
      `o#${'B'.repeat(62)}`,
      `o#${'B'.repeat(63)}`,
    ];
    const names = ids.map(scheduleNameOf);
    for (const name of names) expect(name).toMatch(/^[0-9a-zA-Z-_.]{1,64}$/);
    expect(new Set(names).size).toBe(ids.length);
  });
});
