import { type Cron, nextCron, parseCron } from './cron.ts';
import { instantOf } from './time-zone.ts';

export type Expression =
  | { kind: 'at'; at: number }
  | { kind: 'rate'; everyMs: number }
  | { kind: 'cron'; cron: Cron; zone: string };

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Dates keep four digits of the year. */
const endOfTime = Date.UTC(9999, 11, 31);

/**
 * Parses `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` and `cron(six fields)`. Throws an Error that says what was expected.
 * A day of a rate is 24 hours, whatever the clocks do.
 *
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseExpression(text: string, zone: string): Expression {
  const [, kind, inner = ''] = /^(at|rate|cron)\((.*)\)$/.exec(text) ?? [];
  if (kind === 'at') return { kind, at: parseAt(inner, zone) };
  if (kind === 'rate') return { kind, everyMs: parseRate(inner) };
  if (kind === 'cron') return { kind, cron: parseCron(inner), zone };
  throw new Error('expected at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(six fields)');
}

function parseAt(text: string, zone: string): number {
  const wallTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  // Date.parse takes 2026-02-30 for the 2nd of March.
  if (Number.isNaN(wallTime) || new Date(wallTime).toISOString().slice(0, 19) !== text) {
    throw new Error('expected at(yyyy-mm-ddThh:mm:ss) with a date that exists');
  }
  return instantOf(wallTime, zone);
}

function parseRate(text: string): number {
  const [, value, unit] = /^([1-9]\d*) +(minute|hour|day)s?$/.exec(text) ?? [];
  if (value === undefined) throw new Error('expected rate(value unit), a positive number of minutes, hours or days');
  return Number(value) * unitMs[unit as keyof typeof unitMs];
}

/** What bounds the times of an expression, all in milliseconds since the epoch. */
export interface Bounds {
  /** When the schedule was created or enabled: a rate counts from here, unless it has a `startAt`. */
  since: number;
  startAt?: number | undefined;
  endAt?: number | undefined;
}

/**
 * The first time of a schedule that is later than `after`; without `after` the first of all. A one-time schedule has its one
 * time even if that is past, and no bounds.
 */
export function nextTime(expression: Expression, bounds: Bounds, after?: number): number | undefined {
  if (expression.kind === 'at') return after === undefined || expression.at > after ? expression.at : undefined;
  const { startAt, endAt = endOfTime, since } = bounds;
  let next: number | undefined;
  if (expression.kind === 'rate') {
    const first = startAt ?? since;
    const from = after === undefined ? since : Math.max(since, after + 1);
    next = first + Math.max(0, Math.ceil((from - first) / expression.everyMs)) * expression.everyMs;
  } else {
    const from = Math.max(after ?? since, since, startAt === undefined ? since : startAt - 1);
    next = nextCron(expression.cron, from, expression.zone);
  }
  return next !== undefined && next <= Math.min(endAt, endOfTime) ? next : undefined;
}
