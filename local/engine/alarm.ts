import type { ExecutionStatus } from '../asl/execution.ts';
import { parseMetricMath } from './metric-math.ts';

/** Something that is counted here as CloudWatch would count it. */
export type CountedMetric =
  /** Executions that ended badly, of a state machine; with one of the others only those that were started through it. */
  | { of: 'executions'; metric: ExecutionMetric; stateMachineArn: string; versionArn?: string; aliasArn?: string }
  /** Calls of a function, or of one version of it. */
  | { of: 'functions'; metric: FunctionMetric; functionName: string; version?: string };

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
export const countedStatus = {
  ExecutionsFailed: 'FAILED',
  ExecutionsTimedOut: 'TIMED_OUT',
  ExecutionsAborted: 'ABORTED',
} as const satisfies Record<string, ExecutionStatus>;

export type ExecutionMetric = keyof typeof countedStatus;

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export type FunctionMetric = 'Invocations' | 'Errors';

/** An alarm that can be evaluated by counting. */
export interface Alarm {
  name: string;
  /** By the ids that `expression` knows them by. */
  metrics: Record<string, CountedMetric>;
  /** Metric math, or the id of the one metric. */
  expression: string;
  periodSeconds: number;
  evaluationPeriods: number;
  /** How many of the evaluated periods must be above the threshold. */
  datapointsToAlarm: number;
  threshold: number;
  comparison: '>' | '>=';
}

/**
 * Whether an alarm went off at any time, given the times that each of its metrics counts, by id. Periods begin at full multiples of
 * their length, as CloudWatch's do; one without data breaches nothing.
 */
export function wentOff(alarm: Alarm, counted: Readonly<Record<string, readonly number[]>>): boolean {
  const { periodSeconds, evaluationPeriods, datapointsToAlarm, threshold, comparison } = alarm;
  const evaluate = parseMetricMath(alarm.expression);
  if (!evaluate) return false;
  const ids = Object.keys(counted);
  const none = Object.fromEntries(ids.map((id) => [id, 0]));
  const periods = new Map<number, Record<string, number>>();
  for (const id of ids) {
    for (const at of counted[id]!) {
      const period = Math.floor(at / (periodSeconds * 1000));
      const counts = periods.get(period) ?? { ...none };
      counts[id]! += 1;
      periods.set(period, counts);
    }
  }
  const breaches = (value: number) => (comparison === '>' ? value > threshold : value >= threshold);
  const breaching = [...periods].filter(([, counts]) => breaches(evaluate(counts))).map(([period]) => period);
  return breaching.some((last) => {
    const within = breaching.filter((period) => period <= last && period > last - evaluationPeriods);
    return within.length >= datapointsToAlarm;
  });
}

/** What an alarm says of itself: `ExecutionsFailed > 0 in 60 s`. */
export function conditionOf({ metrics, expression, comparison, threshold, periodSeconds }: Alarm): string {
  const of = metrics[expression];
  const value = of?.of === 'functions' ? `${of.metric} of ${of.functionName}` : (of?.metric ?? expression);
  return `${value} ${comparison} ${threshold} in ${periodSeconds} s`;
}
