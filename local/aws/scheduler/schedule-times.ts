import { nextTime, parseExpression } from './expression.ts';
import type { Specification } from './schedule.ts';

/** A schedule as it is stored. All times are milliseconds since the epoch. */
export interface Schedule {
  /** Tells it from an earlier one of the same name. */
  id: string;
  specification: Specification;
  clientToken?: string | undefined;
  createdAt: number;
  modifiedAt: number;
  /** What a rate counts from: when the schedule was created, enabled or given other times. */
  since: number;
  /** When it is due next; missing when nothing more is to come, or while it is disabled. */
  dueAt?: number | undefined;
  /** The last time for which it was due. */
  lastAt?: number | undefined;
}

/** The time after `lastAt`, whether or not the schedule is enabled. */
export function following({ specification, since, lastAt }: Schedule): number | undefined {
  const { ScheduleExpression, ScheduleExpressionTimezone, StartDate, EndDate } = specification;
  const expression = parseExpression(ScheduleExpression, ScheduleExpressionTimezone);
  return nextTime(expression, { since, startAt: StartDate, endAt: EndDate }, lastAt);
}

/** Says when the schedule is due next. */
export function withTimes(schedule: Schedule): Schedule {
  return { ...schedule, dueAt: schedule.specification.State === 'ENABLED' ? following(schedule) : undefined };
}

/**
 * A schedule that gets other times, or is enabled, begins anew; a one-time schedule does not run again for a time at which it
 * already ran. What stays as it was keeps its times, a rate for example.
 */
export function updated(before: Schedule, specification: Specification, now: number): Schedule {
  const timesOf = ({ ScheduleExpression, ScheduleExpressionTimezone, StartDate }: Specification) =>
    JSON.stringify([ScheduleExpression, ScheduleExpressionTimezone, StartDate]);
  const sameTimes = timesOf(before.specification) === timesOf(specification);
  const enabled = before.specification.State === 'DISABLED' && specification.State === 'ENABLED';
  const schedule = { ...before, specification, modifiedAt: now };
  if (sameTimes && !enabled) return withTimes(schedule);
  const oneTime = specification.ScheduleExpression.startsWith('at(');
  return withTimes({ ...schedule, since: now, lastAt: sameTimes && oneTime ? before.lastAt : undefined });
}
