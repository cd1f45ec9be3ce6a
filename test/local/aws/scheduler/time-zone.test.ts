import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf, instantsOf, isTimeZone, wallTimeAt } from '../../../../local/aws/scheduler/time-zone.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia'];
const instants = fc.integer({ min: Date.UTC(2012, 0), max: Date.UTC(2060, 0) });
const utc = (text: string) => Date.parse(`${text}Z`);

test('the time that a clock shows at an instant is shown at that instant', () => {
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (instant, zone) => {
      expect(instantsOf(wallTimeAt(instant, zone), zone)).toContain(instant);
    }),
  );
});

test('clocks that are set forward leave an hour out, and it is an hour later then', () => {
  expect(instantsOf(utc('2026-03-29T02:30:00'), 'Europe/Berlin')).toEqual([]);
  expect(instantOf(utc('2026-03-29T02:30:00'), 'Europe/Berlin')).toBe(utc('2026-03-29T01:30:00'));
});

test('clocks that are set back show an hour twice, and the first one counts', () => {
  const twice = [utc('2026-10-25T00:30:00'), utc('2026-10-25T01:30:00')];
  expect(instantsOf(utc('2026-10-25T02:30:00'), 'Europe/Berlin')).toEqual(twice);
  expect(instantOf(utc('2026-10-25T02:30:00'), 'Europe/Berlin')).toBe(twice[0]);
});

test('a zone has a name of the IANA database', () => {
  expect(['UTC', 'Europe/Berlin', 'Etc/GMT+3'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['Mars/Olympus', '+02:00', ''].map(isTimeZone)).toEqual([false, false, false]);
});
