import type { DeadLetter, Invoke } from '../../../../local/aws/scheduler/deliveries.ts';
import { check, Specification } from '../../../../local/aws/scheduler/schedule.ts';
import { createScheduler } from '../../../../local/aws/scheduler/scheduler.ts';
import type { Checkpoints } from '../../../../local/engine/checkpoints.ts';
import { createClock } from '../../../../local/engine/clock.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';

export const place = { partition: 'aws', region: 'us-east-1', account: '000000000000' };
export const roleArn = 'arn:aws:iam::000000000000:role/r';
export const queueArn = 'arn:aws:sqs:us-east-1:000000000000:due';

/** 2026-01-01, noon, in UTC. */
export const noon = Date.UTC(2026, 0, 1, 12);
const day = 86_400_000;

/** `at(...)` so many days after noon. */
export const inDays = (days: number) => `at(${new Date(noon + days * day).toISOString().slice(0, 19)})`;

/** What a request says of a schedule, with a queue as its target. */
export const request = (
  Name: string,
  ScheduleExpression: string,
  { Target = {}, ...more }: Record<string, object | string> = {},
) => ({
  Name,
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: queueArn, RoleArn: roleArn, Input: Name, ...(Target as object) },
  ...more,
});

export const specification = (...args: Parameters<typeof request>) => check(Specification, request(...args));

/** A scheduler with a clock that stands at noon, and a target that keeps what it gets, when and with which input. */
export function startScheduler({
  store = checkpointsInMemory(),
  startAt = noon,
  invoke = async () => {},
}: {
  store?: Checkpoints;
  startAt?: number;
  invoke?: Invoke;
} = {}) {
  const clock = createClock({ wallNow: () => startAt });
  const got: { at: string; input: string; arn: string }[] = [];
  const letters: { queueArn: string; letter: DeadLetter }[] = [];
  const warned: string[] = [];
  const scheduler = createScheduler({
    clock,
    store,
    place,
    async invoke(target, input, occurrence) {
      got.push({ at: new Date(clock.now()).toISOString(), input, arn: target.Arn });
      await invoke(target, input, occurrence);
    },
    sendDeadLetter: async (queueArn, letter) => void letters.push({ queueArn, letter }),
    warn: (message) => warned.push(message),
  });
  clock.settleWith(() => scheduler.settle());
  scheduler.resume();
  return {
    ...{ clock, store, scheduler, got, letters, warned },
    advanceDays: (days: number) => clock.advance(days * day),
    create: (...args: Parameters<typeof request>) => scheduler.create(specification(...args)),
    /** As after `kill -9`: what is not in the store is gone. */
    kill: () => clock.close(),
  };
}
