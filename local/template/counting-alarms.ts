import { z } from 'zod';
import { type Alarm, type CountedMetric, countedStatus, type ExecutionMetric } from '../engine/alarm.ts';
import { parseMetricMath } from '../engine/metric-math.ts';
import type { Assembly, Resource } from './load-assembly.ts';
import { Flag } from './parse-properties.ts';

const comparisons = { GreaterThanThreshold: '>', GreaterThanOrEqualToThreshold: '>=' } as const;

const Dimensions = z.array(z.object({ Name: z.string(), Value: z.coerce.string() })).transform(
  // A dimension that is not known would count something else.
  (list) => new Map(list.map(({ Name, Value }) => [Name, Value])),
);

const ExecutionsMetric = z
  .object({
    Namespace: z.literal('AWS/States'),
    MetricName: z.enum(Object.keys(countedStatus) as [ExecutionMetric]),
    Dimensions,
  })
  .transform(({ MetricName: metric, Dimensions: given }, context): CountedMetric => {
    const { StateMachineArn: stateMachineArn, Version, Alias, ...unknown } = Object.fromEntries(given);
    if (stateMachineArn === undefined || Object.keys(unknown).length > 0) {
      context.addIssue('of something else');
      return z.NEVER;
    }
    return {
      ...{ of: 'executions', metric, stateMachineArn },
      ...(Version !== undefined && { versionArn: `${stateMachineArn}:${Version}` }),
      ...(Alias !== undefined && { aliasArn: `${stateMachineArn}:${Alias}` }),
    };
  });

const FunctionsMetric = z
  .object({ Namespace: z.literal('AWS/Lambda'), MetricName: z.enum(['Invocations', 'Errors']), Dimensions })
  .transform(({ MetricName: metric, Dimensions: given }, context): CountedMetric => {
    const { FunctionName: functionName, Resource: resource, ...unknown } = Object.fromEntries(given);
    const version = resource?.split(':')[1];
    // The Resource of an alias is of all its versions, which a name does not tell.
    const isNumber = version === undefined || /^\d+$/.test(version);
    if (functionName === undefined || Object.keys(unknown).length > 0 || !isNumber) {
      context.addIssue('of something else');
      return z.NEVER;
    }
    return { ...{ of: 'functions', metric, functionName }, ...(version !== undefined && { version }) };
  });

const Counted = z.union([ExecutionsMetric, FunctionsMetric]);

const OneMetric = z.object({ Statistic: z.literal('Sum'), Period: z.coerce.number() });

const Metrics = z.array(
  z.object({
    Id: z.string(),
    Expression: z.string().optional(),
    MetricStat: z.object({ Metric: Counted, Period: z.coerce.number(), Stat: z.literal('Sum') }).optional(),
    ReturnData: Flag.default(true),
  }),
);

const Condition = z.object({
  ComparisonOperator: z.enum(Object.keys(comparisons) as [keyof typeof comparisons]),
  EvaluationPeriods: z.coerce.number(),
  DatapointsToAlarm: z.coerce.number().optional(),
  Threshold: z.coerce.number(),
  TreatMissingData: z.enum(['notBreaching', 'ignore', 'missing']).optional(),
});

/**
 * The alarms of the template with these names, as far as they count what is counted here: executions that ended badly, calls of
 * functions. `others`: the names of those that look at anything else, or are not in the template.
 */
export function countingAlarms(assembly: Assembly, names: readonly string[]): { alarms: Alarm[]; others: string[] } {
  const resources = assembly.ignoredOfType('AWS::CloudWatch::Alarm');
  const alarms: Alarm[] = [];
  const others: string[] = [];
  for (const name of names) {
    const resource = resources.find(({ logicalId }) => assembly.ref(logicalId) === name);
    const alarm = resource && countingAlarm(resource, name);
    if (alarm) alarms.push(alarm);
    else others.push(name);
  }
  return { alarms, others };
}

function countingAlarm({ properties }: Resource, name: string): Alarm | undefined {
  const condition = Condition.safeParse(properties).data;
  const value = properties.Metrics === undefined ? ofOneMetric(properties) : ofMath(properties.Metrics);
  if (!condition || !value || !parseMetricMath(value.expression)) return undefined;
  return {
    name,
    ...value,
    evaluationPeriods: condition.EvaluationPeriods,
    datapointsToAlarm: condition.DatapointsToAlarm ?? condition.EvaluationPeriods,
    threshold: condition.Threshold,
    comparison: comparisons[condition.ComparisonOperator],
  };
}

type Value = Pick<Alarm, 'metrics' | 'expression' | 'periodSeconds'>;

function ofOneMetric(properties: Record<string, unknown>): Value | undefined {
  const given = OneMetric.safeParse(properties).data;
  const metric = Counted.safeParse(properties).data;
  return given && metric && { metrics: { m1: metric }, expression: 'm1', periodSeconds: given.Period };
}

/** One expression over counted metrics of the same period. */
function ofMath(given: unknown): Value | undefined {
  const parts = Metrics.safeParse(given).data ?? [];
  const counted = parts.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ id: Id, ...MetricStat }] : []));
  const [shown, ...more] = parts.filter(({ ReturnData }) => ReturnData);
  const [period, ...periods] = new Set(counted.map(({ Period }) => Period));
  // An expression that names another expression is none of metrics alone.
  const isPlain = parts.length === counted.length + (shown?.Expression === undefined ? 0 : 1);
  if (!shown || more.length > 0 || period === undefined || periods.length > 0 || !isPlain) return undefined;
  return {
    metrics: Object.fromEntries(counted.map(({ id, Metric }) => [id, Metric])),
    expression: shown.Expression ?? shown.Id,
    periodSeconds: period,
  };
}
