import type { Mode, Verdict } from './run-case.ts';
import { count, reasons, scores, summary } from './score.ts';
export function writeReport(verdicts: Verdict[], { mode, at }: { mode: Mode; at: Date }): string {
  return [mode, at, count(verdicts), reasons(verdicts, ''), scores(verdicts), summary(verdicts)].join('\n');
}
