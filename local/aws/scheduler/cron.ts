import { instantsOf, wallTimeAt } from './time-zone.ts';

/** A parsed `cron(...)`: what each field allows, ascending. */
export interface Cron {
  minutes: number[];
  hours: number[];
  months: number[];
  years: number[];
  /** Days of one month (1 to 12), ascending. */
  days(year: number, month: number): number[];
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  name: string;
  min: number;
  max: number;
  names?: string[];
}

const dayOfMonth: Field = { name: 'day of month', min: 1, max: 31 };
const dayOfWeek: Field = { name: 'day of week', min: 1, max: 7, names: dayNames };

/**
 * Parses the six fields `minutes hours day-of-month month day-of-week year`. Throws an Error that names the field.
 *
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) {
    throw new Error(
      `cron needs six fields (minutes hours day-of-month month day-of-week year), found ${fields.length}`,
    );
  }
  const [minutes, hours, dom, month, dow, year] = fields as [string, string, string, string, string, string];
  if ((dom === '?') === (dow === '?')) {
    throw new Error(`exactly one of day of month and day of week must be ?, found ${dom} and ${dow}`);
  }
  return {
    minutes: numbers(minutes, { name: 'minutes', min: 0, max: 59 }),
    hours: numbers(hours, { name: 'hours', min: 0, max: 23 }),
    months: numbers(month, { name: 'month', min: 1, max: 12, names: monthNames }),
    years: numbers(year, { name: 'year', min: 1970, max: 2199 }),
    days: dow === '?' ? daysOfMonth(dom) : daysOfWeek(dow),
  };
}

/**
 * The first time after `after`. A time that the clocks skip in spring is left out, one that they show twice in autumn
 * counts once, as the service has it.
 */
export function nextCron(cron: Cron, after: number, zone: string): number | undefined {
  const from = new Date(wallTimeAt(after, zone));
  const fromDay = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
  for (const year of cron.years) {
    if (year < from.getUTCFullYear()) continue;
    for (const month of cron.months) {
      for (const day of cron.days(year, month)) {
        const midnight = Date.UTC(year, month - 1, day);
        if (midnight < fromDay) continue;
        for (const hour of cron.hours) {
          for (const minute of cron.minutes) {
            const wallTime = midnight + (hour * 60 + minute) * 60_000;
            // Wall times and the instants at which they are first shown have the same order.
            if (wallTime <= from.getTime()) continue;
            const [instant] = instantsOf(wallTime, zone);
            if (instant !== undefined && instant > after) return instant;
          }
        }
      }
    }
  }
  return undefined;
}

/** `*`, `7`, `1-5`, `MON-FRI`, `0/15`, `8-17/2`, and any of them joined by commas. A range may go over the end: `20-2`. */
function numbers(text: string, field: Field): number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [first, last] = range === '*' ? [field.min, field.max] : rangeOf(range, step !== undefined, field, text);
    const by = step === undefined ? 1 : Number(step);
    if (by < 1) throw invalid(field, text);
    const length = last >= first ? last - first : last - first + (field.max - field.min + 1);
    for (let offset = 0; offset <= length; offset += by) {
      found.add(field.min + ((first - field.min + offset) % (field.max - field.min + 1)));
    }
  }
  return [...found].sort((a, b) => a - b);
}

function rangeOf(range: string, stepped: boolean, field: Field, text: string): [number, number] {
  const [from, to, ...more] = range.split('-');
  if (from === undefined || more.length > 0) throw invalid(field, text);
  const first = numberOf(from, field, text);
  if (to === undefined) return [first, stepped ? field.max : first];
  const last = numberOf(to, field, text);
  if (last < first && field.name === 'year') throw invalid(field, text);
  return [first, last];
}

function numberOf(text: string, field: Field, whole: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= field.min && number <= field.max) return number;
  throw invalid(field, whole);
}

function invalid({ name, min, max }: Field, text: string): Error {
  return new Error(`${name} must be within ${min} and ${max}, with the signs that this field has, found ${text}`);
}

/** Also `L`, the last day, and `15W`, the weekday that is nearest to the 15th within the month. */
function daysOfMonth(text: string): Cron['days'] {
  if (text === 'L') return (year, month) => [lengthOf(year, month)];
  const [, nearest] = /^(\d+)W$/.exec(text) ?? [];
  if (nearest !== undefined) {
    const wanted = numberOf(nearest, dayOfMonth, text);
    return (year, month) => (wanted > lengthOf(year, month) ? [] : [nearestWeekday(year, month, wanted)]);
  }
  const days = numbers(text, dayOfMonth);
  return (year, month) => days.filter((day) => day <= lengthOf(year, month));
}

/** Also `L`, the last day of the week (Saturday), `6L`, the last Friday of the month, and `6#3`, its third Friday. */
function daysOfWeek(text: string): Cron['days'] {
  const [, last] = /^(\w+)L$/.exec(text) ?? [];
  if (last !== undefined) {
    const weekday = numberOf(last, dayOfWeek, text);
    return (year, month) => weekdays(year, month, [weekday]).slice(-1);
  }
  const [, counted, count] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (counted !== undefined) {
    const weekday = numberOf(counted, dayOfWeek, text);
    return (year, month) => weekdays(year, month, [weekday]).slice(Number(count) - 1, Number(count));
  }
  const allowed = text === 'L' ? [7] : numbers(text, dayOfWeek);
  return (year, month) => weekdays(year, month, allowed);
}

function weekdays(year: number, month: number, allowed: number[]): number[] {
  const days = Array.from({ length: lengthOf(year, month) }, (_, index) => index + 1);
  return days.filter((day) => allowed.includes(weekdayOf(year, month, day)));
}

function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < lengthOf(year, month) ? day + 1 : day - 2;
  return day;
}

/** 1 is Sunday. */
function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lengthOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
