import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextCron, parseCron } from '../../../../local/aws/scheduler/cron.ts';
import { wallTimeAt } from '../../../../local/aws/scheduler/time-zone.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());

/** The next `count` times after `after`, to the minute. */
function times(text: string, after: string, count: number, zone = 'UTC'): (string | undefined)[] {
  const cron = parseCron(text);
  const found: (string | undefined)[] = [];
  for (let at: number | undefined = utc(after); found.length < count && at !== undefined; ) {
    at = nextCron(cron, at, zone);
    found.push(iso(at)?.slice(0, 16));
  }
  return found;
}

describe('cron', () => {
  // Most of them are the examples of the documentation.
  test.each<[string, string[]]>([
    ['0 10 * * ? *', ['2026-01-01T10:00', '2026-01-02T10:00']],
    ['15 12 * * ? *', ['2026-01-01T12:15', '2026-01-02T12:15']],
    ['0 18 ? * MON-FRI *', ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00']],
    ['0 8 1 * ? *', ['2026-01-01T08:00', '2026-02-01T08:00']],
    ['0/15 * * * ? *', ['2026-01-01T00:15', '2026-01-01T00:30', '2026-01-01T00:45', '2026-01-01T01:00']],
    ['*/20 7 * * ? *', ['2026-01-01T07:00', '2026-01-01T07:20', '2026-01-01T07:40', '2026-01-02T07:00']],
    ['0/30 20-2 ? * FRI *', ['2026-01-02T00:00', '2026-01-02T00:30', '2026-01-02T01:00', '2026-01-02T01:30']],
    ['0 0 ? * fri-mon *', ['2026-01-02T00:00', '2026-01-03T00:00', '2026-01-04T00:00', '2026-01-05T00:00']],
    ['0 0 L * ? *', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
    ['0 0 31 * ? *', ['2026-01-31T00:00', '2026-03-31T00:00', '2026-05-31T00:00']],
    ['0 0 29 2 ? *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 0 3W * ? *', ['2026-01-02T00:00', '2026-02-03T00:00', '2026-03-03T00:00', '2026-04-03T00:00']],
    ['0 0 1W 8 ? *', ['2026-08-03T00:00', '2027-08-02T00:00']],
    ['0 0 31W 5 ? *', ['2026-05-29T00:00', '2027-05-31T00:00']],
    ['0 0 ? * L *', ['2026-01-03T00:00', '2026-01-10T00:00']],
    ['0 0 ? * 6L *', ['2026-01-30T00:00', '2026-02-27T00:00']],
    ['0 0 ? * 3#2 *', ['2026-01-13T00:00', '2026-02-10T00:00']],
    ['0 0 ? * MON#5 *', ['2026-03-30T00:00', '2026-06-29T00:00']],
    ['30 4 1,15 JAN,JUL ? 2027-2199/2', ['2027-01-01T04:30', '2027-01-15T04:30', '2027-07-01T04:30']],
  ])('(%s) has its times', (text, expected) => {
    expect(times(text, '2026-01-01T00:00:00', expected.length)).toEqual(expected);
  });

  test('after its last year there is nothing more', () => {
    expect(times('0 0 1 1 ? 2026', '2026-01-01T00:00:00', 1)).toEqual([undefined]);
    expect(times('0 0 30 2 ? *', '2026-01-01T00:00:00', 1)).toEqual([undefined]);
  });

  test('a time that the clocks leave out is skipped on that day', () => {
    expect(times('30 2 * * ? *', '2026-03-07T12:00:00', 2, 'America/Los_Angeles')).toEqual([
      '2026-03-09T09:30',
      '2026-03-10T09:30',
    ]);
  });

  test('a time that the clocks show twice counts once', () => {
    expect(times('30 1 * * ? *', '2026-10-31T12:00:00', 2, 'America/Los_Angeles')).toEqual([
      '2026-11-01T08:30',
      '2026-11-02T09:30',
    ]);
  });

  test.each<[string, string]>([
    ['0 10 * * ?', 'six fields (minutes hours day-of-month month day-of-week year), found 5'],
    ['0 10 * * * *', 'exactly one of day of month and day of week must be ?, found * and *'],
    ['0 10 ? * ? *', 'exactly one of day of month and day of week must be ?, found ? and ?'],
    ['60 10 * * ? *', 'minutes must be within 0 and 59, with the signs that this field has, found 60'],
    ['0 24 * * ? *', 'hours must be within 0 and 23'],
    ['0/0 1 * * ? *', 'minutes must be'],
    ['0 1 32 * ? *', 'day of month must be'],
    ['0 1 L-1 * ? *', 'day of month must be'],
    ['0 1 1 FOO ? *', 'month must be'],
    ['0 1 ? * 8 *', 'day of week must be'],
    ['0 1 ? * 3#1,6#3 *', 'day of week must be'],
    ['0 1 ? * 3#6 *', 'day of week must be'],
    ['0 1 1 1 ? 1969', 'year must be'],
    ['0 1 1 1 ? 2030-2020', 'year must be'],
    ['0 1 1 1 ? 2026,', 'year must be'],
    ['0-1-2 1 1 1 ? *', 'minutes must be'],
  ])('(%s) is refused: %s', (text, message) => {
    expect(() => parseCron(text)).toThrow(message);
  });
});

/** A random field as the set that it allows and one of its spellings. */
const fieldOf = (min: number, max: number, sizes = { minLength: 1, maxLength: 4 }) =>
  fc.oneof(
    fc.constant({ text: '*', allows: () => true }),
    fc.uniqueArray(fc.integer({ min, max }), sizes).map((values) => ({
      text: values.join(','),
      allows: (value: number) => values.includes(value),
    })),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => ({
      text: `${a}-${b}`,
      allows: (value: number) => (a <= b ? a <= value && value <= b : value >= a || value <= b),
    })),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: max - min })).map(([from, step]) => ({
      text: `${from}/${step}`,
      allows: (value: number) => value >= from && (value - from) % step === 0,
    })),
  );

test('of random fields in a zone with summer time finds the same minute as a look at every minute', () => {
  const zone = 'Europe/Berlin';
  const property = fc.property(
    fieldOf(0, 59),
    fieldOf(0, 23),
    fieldOf(1, 7),
    // Around the change of clocks as often as not.
    fc.oneof(
      fc.integer({ min: utc('2026-01-01T00:00:00'), max: utc('2027-01-01T00:00:00') }),
      fc.integer({ min: utc('2026-03-28T20:00:00'), max: utc('2026-03-29T03:00:00') }),
      fc.integer({ min: utc('2026-10-24T20:00:00'), max: utc('2026-10-25T03:00:00') }),
    ),
    (minute, hour, weekday, after) => {
      const found = nextCron(parseCron(`${minute.text} ${hour.text} ? * ${weekday.text} *`), after, zone);
      const until = after + 2 * 86_400_000;
      const seen = new Set<number>();
      for (let at = Math.floor(after / 60_000) * 60_000 - 3 * 3_600_000; at <= until; at += 60_000) {
        const wallTime = wallTimeAt(at, zone);
        const repeated = seen.has(wallTime);
        seen.add(wallTime);
        const date = new Date(wallTime);
        if (at <= after || repeated) continue;
        if (!minute.allows(date.getUTCMinutes()) || !hour.allows(date.getUTCHours())) continue;
        if (!weekday.allows(date.getUTCDay() + 1)) continue;
        expect(iso(found)).toBe(iso(at));
        return;
      }
      if (found !== undefined) expect(found).toBeGreaterThan(until);
    },
  );
  fc.assert(property, { numRuns: 60 });
});
