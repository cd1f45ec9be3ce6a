import { z } from 'zod';
import type { Preference } from './engine/deployment.ts';
import type { Engine } from './engine/engine.ts';
import type { Route } from './engine/route.ts';
import { countingAlarms } from './template/counting-alarms.ts';
import type { Assembly, Resource } from './template/load-assembly.ts';
import { parseProperties } from './template/parse-properties.ts';

const toVersion = { StateMachineVersionArn: z.string() };
const DeploymentPreference = z.discriminatedUnion('Type', [
  z.object({ ...toVersion, Type: z.literal('ALL_AT_ONCE') }),
  z.object({
    ...toVersion,
    Type: z.enum(['CANARY', 'LINEAR']),
    Percentage: z.coerce.number().int().min(1).max(99),
    Interval: z.coerce.number().int().min(1).max(2100),
    Alarms: z.array(z.string()).default([]),
  }),
]);

const Alias = z.object({
  Name: z.string(),
  Description: z.string().optional(),
  RoutingConfiguration: z.array(z.object({ StateMachineVersionArn: z.string(), Weight: z.coerce.number() })).optional(),
  DeploymentPreference: DeploymentPreference.optional(),
});

/**
 * Brings an alias to what the template says, as gradually as it says; answers its ARN.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-stepfunctions-statemachinealias-deploymentpreference.html
 */
export function applyAlias(engine: Engine, assembly: Assembly, resource: Resource): string {
  const { Name: name, Description: description } = parseProperties(resource, Alias);
  const routing = routingOf(resource);
  const arn = aliasArn(resource);
  engine.deployments.deploy({ arn, name, description, routing, preference: preferenceOf(engine, assembly, resource) });
  return arn;
}

export function aliasArn(resource: Resource): string {
  const { Name: name } = parseProperties(resource, Alias);
  return `${routingOf(resource)[0]?.stateMachineVersionArn.replace(/:\d+$/, '')}:${name}`;
}

function routingOf(resource: Resource): Route[] {
  const { DeploymentPreference: preference, RoutingConfiguration = [] } = parseProperties(resource, Alias);
  if (preference) return [{ stateMachineVersionArn: preference.StateMachineVersionArn, weight: 100 }];
  return RoutingConfiguration.map(({ StateMachineVersionArn: stateMachineVersionArn, Weight: weight }) => {
    return { stateMachineVersionArn, weight };
  });
}

function preferenceOf({ stateMachines }: Engine, assembly: Assembly, resource: Resource): Preference | undefined {
  const { DeploymentPreference: given } = parseProperties(resource, Alias);
  if (!given || given.Type === 'ALL_AT_ONCE') return undefined;
  // Express executions leave nothing behind that could be counted.
  const canCount = stateMachines.get(given.StateMachineVersionArn.replace(/:\d+$/, '')).type === 'STANDARD';
  const { alarms, others } = countingAlarms(assembly, given.Alarms);
  return {
    type: given.Type,
    percentage: given.Percentage,
    intervalMinutes: given.Interval,
    alarms: canCount ? alarms : [],
    notEvaluated: canCount ? others : given.Alarms,
  };
}
