import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTime, parseExpression } from '../../../../local/aws/scheduler/expression.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());
const since = utc('2026-01-01T00:00:00');
const parse = (text: string, zone = 'UTC') => parseExpression(text, zone);

describe('a one-time schedule', () => {
  test('has its time in its zone, even if that is past, and no bounds', () => {
    const at = parse('at(2025-11-20T13:00:00)', 'America/Los_Angeles');
    expect(iso(nextTime(at, { since, startAt: since, endAt: since }))).toBe('2025-11-20T21:00:00.000Z');
    expect(nextTime(at, { since }, utc('2025-11-20T21:00:00'))).toBeUndefined();
  });

  test('at a time that the clocks leave out runs as much later, for a reminder that never comes is worse', () => {
    const at = parse('at(2026-03-08T02:30:00)', 'America/Los_Angeles');
    expect(iso(nextTime(at, { since }))).toBe('2026-03-08T10:30:00.000Z');
  });
});

describe('a rate', () => {
  test('begins at once and goes on from there', () => {
    const rate = parse('rate(2 hours)');
    expect(iso(nextTime(rate, { since }))).toBe('2026-01-01T00:00:00.000Z');
    expect(iso(nextTime(rate, { since }, since))).toBe('2026-01-01T02:00:00.000Z');
    expect(iso(nextTime(rate, { since }, utc('2026-01-03T03:30:00')))).toBe('2026-01-03T04:00:00.000Z');
  });

  test('begins at its start date', () => {
    const rate = parse('rate(1 day)');
    const startAt = utc('2026-02-01T06:00:00');
    expect(iso(nextTime(rate, { since, startAt }))).toBe('2026-02-01T06:00:00.000Z');
    expect(iso(nextTime(rate, { since, startAt: since - 60_000 }))).toBe('2026-01-01T23:59:00.000Z');
  });

  test('ends at its end date', () => {
    const bounds = { since, endAt: utc('2026-01-01T00:10:00') };
    expect(iso(nextTime(parse('rate(5 minutes)'), bounds, utc('2026-01-01T00:05:00')))).toBe(
      '2026-01-01T00:10:00.000Z',
    );
    expect(nextTime(parse('rate(5 minutes)'), bounds, utc('2026-01-01T00:10:00'))).toBeUndefined();
  });

  test('has only times on its grid, each later than the one before by the rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: -1000, max: 1_000_000_000 }),
        (value, laterMs) => {
          const after = since + laterMs;
          const next = nextTime(parse(`rate(${value} minutes)`), { since }, after)!;
          expect((next - since) % (value * 60_000)).toBe(0);
          expect(next).toBeGreaterThan(after);
          expect(next === since || next - value * 60_000 <= after).toBe(true);
        },
      ),
    );
  });

  test('of more time than there is never comes again', () => {
    expect(nextTime(parse('rate(99999999999999 days)'), { since }, since)).toBeUndefined();
  });
});

describe('a cron schedule', () => {
  test('has its times after its creation and within its dates', () => {
    const cron = parse('cron(0 9 * * ? *)', 'Europe/Berlin');
    expect(iso(nextTime(cron, { since }))).toBe('2026-01-01T08:00:00.000Z');
    expect(iso(nextTime(cron, { since, startAt: utc('2026-07-01T07:00:00') }))).toBe('2026-07-01T07:00:00.000Z');
    expect(nextTime(cron, { since, endAt: utc('2026-01-01T07:59:59') })).toBeUndefined();
  });
});

test.each([
  'at(2026-02-30T00:00:00)',
  'at(2026-02-01T24:00:00)',
  'at(2026-02-01T00:00)',
  'at(2026-02-01T00:00:00Z)',
  'at()',
  'rate(0 minutes)',
  'rate(-5 minutes)',
  'rate(1.5 hours)',
  'rate(5 seconds)',
  'rate(5)',
  'cron(* * *)',
  'every day',
  '',
])('%s is refused', (text) => {
  expect(() => parse(text)).toThrow(/expected|needs six fields/);
});
