import { expect, test } from 'vitest';
import { parseMetricMath } from '../../../local/engine/metric-math.ts';

test.each([
  ['m1', 4],
  ['1 + 2 * m1', 9],
  ['(1 + 2) * m1', 12],
  ['10 - 2 - 3', 5],
  ['m1 / e1 * 100', 200],
  ['m1 > 3 AND e1 < 3', 1],
  ['m1 > 3 && e1 > 3 || 0', 0],
  ['IF(e1 == 2, m1, 0)', 4],
  ['IF(m1 != 4, 1, IF(e1 >= 2, 7, 8))', 7],
])('%s', (text, expected) => {
  expect(parseMetricMath(text)?.({ m1: 4, e1: 2 })).toBe(expected);
});

test.each(['', 'm1 +', 'm1 m2', 'ANOMALY_DETECTION_BAND(m1)', 'SUM(METRICS())', 'IF(m1, 1)', '(m1', 'm1 ? 1 : 2'])(
  '%s is not understood',
  (text) => {
    expect(parseMetricMath(text)).toBeUndefined();
  },
);
