import { expect, test } from 'vitest';
import { parseDuration } from '../../local/duration.ts';

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['3d', 259_200_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  [' 1w ', 604_800_000],
])('%j is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['', '5', 'm', '-1d', '1d-2h', 'soon', '1 d', '1y'])('%j is no duration', (text) =>
  expect(parseDuration(text)).toBeUndefined(),
);
