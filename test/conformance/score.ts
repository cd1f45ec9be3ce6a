import Table from 'cli-table3';
import type { Verdict } from './run-case.ts';

export interface Score {
  category: string;
  passed: number;
  failed: number;
  skipped: number;
}

/** By category, in the order of their names. */
export function scores(verdicts: Verdict[]): Score[] {
  const byCategory = Object.groupBy(verdicts, (verdict) => verdict.case.category);
  return Object.keys(byCategory)
    .sort()
    .map((category) => ({ category, ...count(byCategory[category]!) }));
}

export function count(verdicts: Verdict[]): Omit<Score, 'category'> {
  const number = (outcome: Verdict['outcome']) => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  return { passed: number('passed'), failed: number('failed'), skipped: number('skipped') };
}

export function scoreTable(verdicts: Verdict[]): string {
  const table = new Table({
    head: ['category', 'passed', 'failed', 'skipped', 'why skipped'],
    style: { head: [], border: [], compact: true },
  });
  for (const { category, passed, failed, skipped } of scores(verdicts)) {
    table.push([category, passed, failed, skipped, reasons(verdicts, category)]);
  }
  return table.toString();
}

export function reasons(verdicts: Verdict[], category: string): string {
  const skipped = verdicts.filter((verdict) => verdict.case.category === category && verdict.outcome === 'skipped');
  return [...new Set(skipped.map(({ reason }) => reason))].sort().join('; ');
}

export function summary(verdicts: Verdict[]): string {
  const { passed, failed, skipped } = count(verdicts);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The id of a failing case and its first difference. */
export function verdictText({ case: { id }, difference, reason }: Verdict): string {
  if (!difference) return `✗ ${id}\n    ${reason}`;
  const { path, expected, observed } = difference;
  return `✗ ${id}\n    ${path}\n    - ${expected}\n    + ${observed}`;
}
