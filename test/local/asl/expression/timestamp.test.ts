import { expect, it } from 'vitest';
import { parseTimestamp } from '../../../../local/asl/expression/timestamp.ts';

it.each([
  ['2016-03-14T01:59:00Z', Date.UTC(2016, 2, 14, 1, 59)],
  ['2016-03-14T01:59:00.243167252Z', Date.UTC(2016, 2, 14, 1, 59, 0, 243)],
  ['2016-03-14T01:59:00+01:30', Date.UTC(2016, 2, 14, 0, 29)],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
])('%s is a timestamp', (text, at) => expect(parseTimestamp(text)).toBe(at));

it.each([
  '2016-03-14T01:59:00',
  '2016-03-14 01:59:00Z',
  '2016-13-14T01:59:00Z',
  '2016-12-05T25:29:29Z',
  '2023-02-29T00:00:00Z',
  '2023-02-00T00:00:00Z',
  '14-03-2016T01:59:00Z',
  '2016-03-14',
  '',
])('%j is none', (text) => expect(parseTimestamp(text)).toBeUndefined());
