import { z } from 'zod';
import { CannotStart } from './cannot-start.ts';
import type { Engine } from './engine/engine.ts';
import { ServiceError } from './engine/ports.ts';
import type { Route } from './engine/state-machine-store.ts';
import type { Assembly, Resource } from './template/load-assembly.ts';
import { parseProperties } from './template/parse-properties.ts';
import { stateMachineSpec } from './template/state-machines.ts';

const Version = z.object({ StateMachineArn: z.string(), Description: z.string().optional() });
const Alias = z.object({
  Name: z.string(),
  Description: z.string().optional(),
  RoutingConfiguration: z.array(z.object({ StateMachineVersionArn: z.string(), Weight: z.coerce.number() })).optional(),
  // Locally a new version takes over at once, however gradually it is deployed.
  DeploymentPreference: z.object({ StateMachineVersionArn: z.string() }).optional(),
});

/**
 * Brings the engine's activities, state machines, versions and aliases to what the template says, in place: executions that run keep their
 * definition. Tells the assembly the ARNs of versions. What the template no longer has stays, because executions may still run.
 */
export async function applyStateMachines(engine: Engine, assembly: Assembly): Promise<void> {
  for (const resource of assembly.resources) {
    try {
      if (resource.type === 'AWS::StepFunctions::Activity') {
        await engine.activities.create(String(assembly.resolve({ 'Fn::GetAtt': [resource.logicalId, 'Name'] })));
      }
      if (resource.type === 'AWS::StepFunctions::StateMachine') applyMachine(engine, assembly, resource);
      if (resource.type === 'AWS::StepFunctions::StateMachineVersion') applyVersion(engine, assembly, resource);
      if (resource.type === 'AWS::StepFunctions::StateMachineAlias') applyAlias(engine, assembly, resource);
    } catch (error) {
      if (error instanceof CannotStart) throw error;
      throw new CannotStart(`${resource.logicalId} (${resource.type}): ${(error as Error).message}`);
    }
  }
}

function applyMachine(engine: Engine, assembly: Assembly, resource: Resource): void {
  const spec = stateMachineSpec(resource, assembly);
  const { arn: stateMachineArn, name, definition, roleArn, type } = spec;
  const existing = find(() => engine.stateMachines.get(stateMachineArn));
  if (existing && existing.type !== spec.type) {
    throw new CannotStart(
      `${resource.logicalId} (${resource.type}) is ${existing.type} in the state folder and ${type} in the template; give it another name or choose another state folder.`,
    );
  }
  if (existing) engine.stateMachines.update({ stateMachineArn, definition, roleArn });
  else engine.stateMachines.create({ name, definition, roleArn, type });
  assembly.know(resource.logicalId, 'StateMachineRevisionId', spec.revisionId);
}

function applyVersion(engine: Engine, assembly: Assembly, resource: Resource): void {
  const { StateMachineArn: stateMachineArn, Description: description } = parseProperties(resource, Version);
  const { arn } = engine.stateMachines.publish({ stateMachineArn, description });
  assembly.know(resource.logicalId, 'Ref', arn);
  assembly.know(resource.logicalId, 'Arn', arn);
}

function applyAlias(engine: Engine, assembly: Assembly, resource: Resource): void {
  const { Name: name, Description: description, ...properties } = parseProperties(resource, Alias);
  const versionArn = properties.DeploymentPreference?.StateMachineVersionArn;
  const routing: Route[] = versionArn
    ? [{ stateMachineVersionArn: versionArn, weight: 100 }]
    : (properties.RoutingConfiguration ?? []).map(({ StateMachineVersionArn, Weight }) => ({
        stateMachineVersionArn: StateMachineVersionArn,
        weight: Weight,
      }));
  const arn = `${routing[0]?.stateMachineVersionArn.replace(/:\d+$/, '')}:${name}`;
  const existing = find(() => engine.aliases.get(arn));
  if (existing) engine.aliases.update({ arn, description, routing });
  else engine.aliases.create({ name, description, routing });
  assembly.know(resource.logicalId, 'Ref', arn);
  assembly.know(resource.logicalId, 'Arn', arn);
}

function find<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
