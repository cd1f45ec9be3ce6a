import { z } from 'zod';
import { countedStatus, type ExecutionAlarm } from '../engine/alarm.ts';
import type { Assembly, Resource } from './load-assembly.ts';

const comparisons = { GreaterThanThreshold: '>', GreaterThanOrEqualToThreshold: '>=' } as const;

const Counting = z.object({
  Namespace: z.literal('AWS/States'),
  MetricName: z.enum(Object.keys(countedStatus) as [ExecutionAlarm['metric']]),
  Dimensions: z.array(z.object({ Name: z.enum(['StateMachineArn', 'Version', 'Alias']), Value: z.coerce.string() })),
  Statistic: z.literal('Sum'),
  ComparisonOperator: z.enum(Object.keys(comparisons) as [keyof typeof comparisons]),
  Period: z.coerce.number(),
  EvaluationPeriods: z.coerce.number(),
  DatapointsToAlarm: z.coerce.number().optional(),
  Threshold: z.coerce.number(),
  TreatMissingData: z.enum(['notBreaching', 'ignore', 'missing']).optional(),
});

/**
 * The alarms of the template with these names, as far as they count executions that ended badly; `others`: the names of those that
 * look at anything else, or are not in the template.
 */
export function executionAlarms(
  assembly: Assembly,
  names: readonly string[],
): { alarms: ExecutionAlarm[]; others: string[] } {
  const resources = assembly.ignoredOfType('AWS::CloudWatch::Alarm');
  const alarms: ExecutionAlarm[] = [];
  const others: string[] = [];
  for (const name of names) {
    const resource = resources.find(({ logicalId }) => assembly.ref(logicalId) === name);
    const alarm = resource && executionAlarm(resource, name);
    if (alarm) alarms.push(alarm);
    else others.push(name);
  }
  return { alarms, others };
}

function executionAlarm({ properties }: Resource, name: string): ExecutionAlarm | undefined {
  const parsed = Counting.safeParse(properties);
  if (!parsed.success) return undefined;
  const { MetricName: metric, Dimensions, ComparisonOperator, EvaluationPeriods, ...alarm } = parsed.data;
  const dimension = (name: string) => Dimensions.find((one) => one.Name === name)?.Value;
  const stateMachineArn = dimension('StateMachineArn');
  const version = dimension('Version');
  const alias = dimension('Alias');
  if (stateMachineArn === undefined) return undefined;
  return {
    name,
    metric,
    stateMachineArn,
    ...(version !== undefined && { versionArn: `${stateMachineArn}:${version}` }),
    ...(alias !== undefined && { aliasArn: `${stateMachineArn}:${alias}` }),
    periodSeconds: alarm.Period,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? EvaluationPeriods,
    threshold: alarm.Threshold,
    comparison: comparisons[ComparisonOperator],
  };
}
