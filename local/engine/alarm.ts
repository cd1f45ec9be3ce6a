import type { ExecutionStatus } from '../asl/execution.ts';

/** An alarm on how many executions ended badly, as far as it can be evaluated by counting them. */
export interface ExecutionAlarm {
  name: string;
  metric: keyof typeof countedStatus;
  /** Of this state machine; with one of the others only those that were started through it. */
  stateMachineArn: string;
  versionArn?: string;
  aliasArn?: string;
  periodSeconds: number;
  evaluationPeriods: number;
  /** How many of the evaluated periods must be above the threshold. */
  datapointsToAlarm: number;
  threshold: number;
  comparison: '>' | '>=';
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
export const countedStatus = {
  ExecutionsFailed: 'FAILED',
  ExecutionsTimedOut: 'TIMED_OUT',
  ExecutionsAborted: 'ABORTED',
} as const satisfies Record<string, ExecutionStatus>;

/**
 * Whether an alarm went off at any time, given when the executions that it counts ended. Periods begin at full multiples of
 * their length, as CloudWatch's do; one without data breaches nothing.
 */
export function wentOff(alarm: ExecutionAlarm, endedAt: readonly number[]): boolean {
  const { periodSeconds, evaluationPeriods, datapointsToAlarm, threshold, comparison } = alarm;
  const counts = new Map<number, number>();
  for (const at of endedAt) {
    const period = Math.floor(at / (periodSeconds * 1000));
    counts.set(period, (counts.get(period) ?? 0) + 1);
  }
  const breaching = [...counts]
    .filter(([, count]) => (comparison === '>' ? count > threshold : count >= threshold))
    .map(([period]) => period);
  return breaching.some((last) => {
    const within = breaching.filter((period) => period <= last && period > last - evaluationPeriods);
    return within.length >= datapointsToAlarm;
  });
}
