import { z } from 'zod';
import { aliasArn, applyAlias } from './apply-alias.ts';
import { CannotStart } from './cannot-start.ts';
import type { Engine } from './engine/engine.ts';
import { checkName } from './engine/names.ts';
import { ServiceError } from './engine/ports.ts';
import type { Assembly, Resource } from './template/load-assembly.ts';
import { parseProperties } from './template/parse-properties.ts';
import { stateMachineSpec } from './template/state-machines.ts';

const Version = z.object({ StateMachineArn: z.string(), Description: z.string().optional() });

/** A version that was published because there was none of this revision. */
export interface PublishedMachine {
  name: string;
  version: number;
  definition: string;
  /** The definition of the version before it. */
  before?: string;
}

/**
 * Brings the engine's state machines, versions and aliases to what the template says, in place: executions that run keep their
 * definition. Tells the assembly the ARNs of versions. What the template no longer has stays, because executions may still run.
 */
export function applyStateMachines(engine: Engine, assembly: Assembly): PublishedMachine[] {
  const published: PublishedMachine[] = [];
  for (const resource of assembly.resources) {
    naming(resource, () => {
      if (resource.type === 'AWS::StepFunctions::StateMachine') applyMachine(engine, assembly, resource);
      if (resource.type === 'AWS::StepFunctions::StateMachineVersion') {
        published.push(...applyVersion(engine, assembly, resource));
      }
      if (resource.type === 'AWS::StepFunctions::StateMachineAlias') {
        knowArn(assembly, resource, applyAlias(engine, assembly, resource));
      }
    });
  }
  return published;
}

/** Activities of the template are there for workers; they have no versions. */
export async function applyActivities({ activities }: Engine, assembly: Assembly): Promise<void> {
  for (const { logicalId } of assembly.ofType('AWS::StepFunctions::Activity')) {
    await activities.create(String(assembly.resolve({ 'Fn::GetAtt': [logicalId, 'Name'] })));
  }
}

/**
 * What of the state machines stands against `applyStateMachines`, found before anything is changed. The assembly is told ARNs that
 * are right but for the numbers of versions.
 */
export function checkStateMachines(engine: Engine, assembly: Assembly): void {
  for (const resource of assembly.resources) {
    naming(resource, () => {
      if (resource.type === 'AWS::StepFunctions::StateMachine') {
        const { arn, name, definition, type, revisionId } = stateMachineSpec(resource, assembly);
        checkName(name);
        refuseOtherType(find(() => engine.stateMachines.get(arn))?.type ?? type, type, resource);
        const [problem] = engine.definitionProblems(definition, type);
        if (problem) throw new Error(`${problem.location ?? 'definition'}: ${problem.message}`);
        assembly.know(resource.logicalId, 'StateMachineRevisionId', revisionId);
      }
      if (resource.type === 'AWS::StepFunctions::StateMachineVersion') {
        const { StateMachineArn: arn } = parseProperties(resource, Version);
        knowArn(assembly, resource, `${arn}:${find(() => engine.stateMachines.get(arn))?.lastVersion ?? 1}`);
      }
      if (resource.type === 'AWS::StepFunctions::StateMachineAlias') {
        knowArn(assembly, resource, aliasArn(resource));
        checkWeights(resource);
      }
    });
  }
}

function applyMachine(engine: Engine, assembly: Assembly, resource: Resource): void {
  const spec = stateMachineSpec(resource, assembly);
  const { arn: stateMachineArn, name, definition, roleArn, type } = spec;
  const existing = find(() => engine.stateMachines.get(stateMachineArn));
  refuseOtherType(existing?.type ?? type, type, resource);
  if (existing) engine.stateMachines.update({ stateMachineArn, definition, roleArn });
  else engine.stateMachines.create({ name, definition, roleArn, type });
  assembly.know(resource.logicalId, 'StateMachineRevisionId', spec.revisionId);
}

function applyVersion(engine: Engine, assembly: Assembly, resource: Resource): PublishedMachine[] {
  const { StateMachineArn: stateMachineArn, Description: description } = parseProperties(resource, Version);
  const { stateMachines } = engine;
  const [before] = stateMachines.versions(stateMachineArn);
  const version = stateMachines.publish({ stateMachineArn, description });
  knowArn(assembly, resource, version.arn);
  if (version.version <= (before?.version ?? 0)) return [];
  return [
    {
      name: stateMachines.get(stateMachineArn).name,
      version: version.version,
      definition: stateMachines.definition(version).text,
      ...(before && { before: stateMachines.definition(before).text }),
    },
  ];
}

function knowArn(assembly: Assembly, { logicalId }: Resource, arn: string): void {
  assembly.know(logicalId, 'Ref', arn);
  assembly.know(logicalId, 'Arn', arn);
}

function checkWeights({ properties }: Resource): void {
  const routes = (properties.RoutingConfiguration ?? [{ Weight: 100 }]) as { Weight: unknown }[];
  const sum = routes.reduce((sum, { Weight }) => sum + Number(Weight), 0);
  if (sum !== 100) throw new Error(`the weights of its versions add up to ${sum}, expected 100.`);
}

function refuseOtherType(existing: string, wanted: string, { logicalId, type }: Resource): void {
  if (existing === wanted) return;
  throw new CannotStart(
    `${logicalId} (${type}) is ${existing} in the state folder and ${wanted} in the template; give it another name or choose another state folder.`,
  );
}

/** An error names the resource that it is about. */
function naming(resource: Resource, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof CannotStart) throw error;
    throw new CannotStart(`${resource.logicalId} (${resource.type}): ${(error as Error).message}`);
  }
}

function find<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
