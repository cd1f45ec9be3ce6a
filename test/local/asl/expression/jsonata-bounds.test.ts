import { expect, it } from 'vitest';
import { drive } from '../../../support/interpreter-driver.ts';

const run = (Output: string) =>
  drive({ definition: { QueryLanguage: 'JSONata', StartAt: 'S', States: { S: { Type: 'Pass', Output, End: true } } } });

it.each([
  ['{% ($f := function($n) { $f($n + 1) }; $f(1)) %}', 'U1001: Expression evaluation timeout'],
  ['{% ($f := function($n) { 1 + $f($n + 1) }; $f(1)) %}', 'U1001: Stack overflow error'],
  ['{% $range(1, 1000000000, 1) %}', '$range must not give more than 1e7 numbers'],
])('%s ends as a failure of its state', async (expression, sentence) => {
  const { execution } = await run(expression);
  expect(execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  expect(execution.cause).toContain(sentence);
});

it('a recursion of some hundred calls is no reason to worry, nor are evaluations at the same time', async () => {
  const sum = '{% ($sum := function($n) { $n = 0 ? 0 : $n + $sum($n - 1) }; $sum(500)) %}';
  const runs = await Promise.all(Array.from({ length: 20 }, () => run(sum)));
  expect(runs.map(({ output }) => output)).toEqual(Array(20).fill(125_250));
});
