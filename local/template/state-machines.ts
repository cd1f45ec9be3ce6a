import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';
import type { Assembly, Resource } from './load-assembly.ts';
import { parseProperties } from './parse-properties.ts';

export interface StateMachineSpec {
  logicalId: string;
  name: string;
  arn: string;
  type: 'STANDARD' | 'EXPRESS';
  roleArn: string;
  /** States Language text, substitutions done. */
  definition: string;
  /** Changes with what a version captures: definition, role and type. */
  revisionId: string;
}

const Properties = z.object({
  StateMachineType: z.enum(['STANDARD', 'EXPRESS']).default('STANDARD'),
  RoleArn: z.string(),
  DefinitionString: z.string().optional(),
  DefinitionS3Location: z.object({ Key: z.string() }).optional(),
  Definition: z.record(z.string(), z.unknown()).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

/** The state machine of an `AWS::StepFunctions::StateMachine`, with its definition from wherever the template keeps it. */
export function stateMachineSpec(resource: Resource, assembly: Assembly): StateMachineSpec {
  const properties = parseProperties(resource, Properties);
  const arn = assembly.ref(resource.logicalId);
  const definition = substitute(definitionText(resource, properties, assembly), properties.DefinitionSubstitutions);
  const { StateMachineType: type, RoleArn: roleArn } = properties;
  return {
    logicalId: resource.logicalId,
    name: arn.slice(arn.lastIndexOf(':') + 1),
    arn,
    type,
    roleArn,
    definition,
    revisionId: createHash('sha256')
      .update(JSON.stringify([definition, roleArn, type]))
      .digest('hex')
      .slice(0, 32),
  };
}

function definitionText(resource: Resource, properties: z.infer<typeof Properties>, assembly: Assembly): string {
  if (properties.DefinitionString !== undefined) return properties.DefinitionString;
  if (properties.Definition !== undefined) return JSON.stringify(properties.Definition);
  const key = properties.DefinitionS3Location?.Key;
  const path = key === undefined ? undefined : assembly.assetPath(key);
  if (path === undefined) {
    throw new CannotStart(`${resource.logicalId} (${resource.type}): its definition is not an asset of the app.`);
  }
  if (!path.endsWith('.json')) {
    throw new CannotStart(
      `${resource.logicalId} (${resource.type}): only definitions in JSON run locally, found ${path}.`,
    );
  }
  return readFileSync(path, 'utf8');
}

/** `${Name}` where the template says what Name is; any other `${...}` is text, as in CloudFormation. */
function substitute(definition: string, substitutions: Record<string, string | number | boolean>): string {
  return definition.replace(/\$\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) =>
    // The value lands inside a JSON text.
    Object.hasOwn(substitutions, name) ? JSON.stringify(String(substitutions[name])).slice(1, -1) : whole,
  );
}
