import { resolve as absolute } from 'node:path';
import { CannotStart } from '../cannot-start.ts';
import { attributeOf, type Named, type Place, refOf } from './attributes.ts';
import { readStack, type StackArtifact } from './cloud-assembly.ts';
import { inDependencyOrder, namesIn } from './dependencies.ts';
import { NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import { supportOf } from './support.ts';

export interface Resource {
  logicalId: string;
  type: string;
  /** Resolved anew at every look, with what is known by then. */
  readonly properties: Record<string, unknown>;
}

export interface Assembly {
  stackName: string;
  place: Place;
  /** What runs locally, each resource after those that it depends on. */
  resources: Resource[];
  /** Logical ids and types of what changes nothing locally. */
  ignored: { logicalId: string; type: string }[];
  ofType(...types: string[]): Resource[];
  /** What watches a part that runs locally may have to be looked at, though it changes nothing by itself. */
  ignoredOfType(type: string): Resource[];
  /** A file or folder of the assembly by its S3 object key. */
  assetPath(objectKey: string): string | undefined;
  /** Tells the value of `Ref` (attribute `Ref`) or `Fn::GetAtt` that only the running service knows: an address, a version number. */
  know(logicalId: string, attribute: string, value: string): void;
  /** What was told, by `<logical id>.<attribute>`. */
  readonly known: ReadonlyMap<string, string>;
  ref(logicalId: string): string;
  resolve(value: unknown): unknown;
  outputs(): Record<string, string>;
}

/**
 * Reads a synthesised app (`cdk.out`) and refuses what does not run locally. `known`: what an earlier one was told of the same stack, which
 * still holds.
 */
export function loadAssembly(
  directory: string,
  options: { account?: string; region?: string; stack?: string; known?: ReadonlyMap<string, string> } = {},
): Assembly {
  const stack = readStack(absolute(directory), options.stack);
  const place: Place = {
    account: options.account ?? '000000000000',
    region: options.region ?? 'us-east-1',
    partition: 'aws',
    urlSuffix: 'amazonaws.com',
    stackName: stack.stackName,
  };
  const { template } = stack;
  const known = new Map(options.known);
  const scope = scopeOf(stack, place, known);
  const present = Object.entries(template.Resources).filter(
    ([, entry]) => entry.Condition === undefined || scope.condition(entry.Condition),
  );

  const mentions = new Map(present.map(([id, entry]) => [id, namesIn(entry.Properties)]));
  const dependencies = new Map(
    present.map(([id, entry]) => [id, new Set([...[entry.DependsOn ?? []].flat(), ...(mentions.get(id) ?? [])])]),
  );
  const namedBySupported = new Set(
    present
      .filter(([, entry]) => supportOf(entry.Type, false) === 'supported')
      .flatMap(([id]) => [...(mentions.get(id) ?? [])]),
  );
  const supports = new Map(present.map(([id, entry]) => [id, supportOf(entry.Type, namedBySupported.has(id))]));
  const described = (id: string) => `${id} (${template.Resources[id]?.Type})`;
  const refused = present.map(([id]) => id).filter((id) => supports.get(id) === 'refused');
  if (refused.length > 0) {
    throw new CannotStart(
      `The stack ${stack.stackName} has what does not run locally: ${refused.map(described).join(', ')}.`,
    );
  }

  const toResource = (logicalId: string): Resource => {
    const { Type: type, Properties } = template.Resources[logicalId]!;
    return {
      logicalId,
      type,
      get properties() {
        return scope.resolveIn(`${logicalId} (${type})`, Properties) as Record<string, unknown>;
      },
    };
  };
  const resources = inDependencyOrder(dependencies)
    .filter((id) => supports.get(id) === 'supported')
    .map(toResource);
  return {
    stackName: stack.stackName,
    place,
    resources,
    ignored: present
      .filter(([id]) => supports.get(id) === 'ignored')
      .map(([logicalId, { Type: type }]) => ({ logicalId, type })),
    ofType: (...types) => resources.filter(({ type }) => types.includes(type)),
    ignoredOfType: (type) =>
      present.flatMap(([id, entry]) => (entry.Type === type && supports.get(id) === 'ignored' ? [toResource(id)] : [])),
    assetPath: stack.assetPath,
    known,
    know: (logicalId, attribute, value) => known.set(`${logicalId}.${attribute}`, value),
    ref: (logicalId) => String(scope.ref(logicalId)),
    resolve: (value) => scope.resolveIn('the template', value),
    outputs: () =>
      Object.fromEntries(
        Object.entries(template.Outputs)
          .filter(([, output]) => output.Condition === undefined || scope.condition(output.Condition))
          .map(([name, output]) => [name, String(scope.resolveIn(`the output ${name}`, output.Value))]),
      ),
  };
}

/** Looks names up in the template; what was told by `know` goes first. */
function scopeOf({ template, stackName }: StackArtifact, place: Place, known: Map<string, string>) {
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': place.account,
    'AWS::Region': place.region,
    'AWS::Partition': place.partition,
    'AWS::URLSuffix': place.urlSuffix,
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${stackName}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  };
  const named = (logicalId: string): Named | undefined => {
    const entry = template.Resources[logicalId];
    return entry && { logicalId, type: entry.Type, property: (name) => resolve(entry.Properties[name], scope) };
  };
  const scope: Scope & { resolveIn(where: string, value: unknown): unknown } = {
    ref(name) {
      if (name in pseudo) return pseudo[name];
      const parameter = template.Parameters[name];
      if (parameter) return parameterValue(name, parameter);
      const resource = named(name);
      if (!resource) throw new CannotStart(`The template names ${name}, which is neither a resource nor a parameter.`);
      return known.get(`${name}.Ref`) ?? refOf(resource, place);
    },
    getAtt(logicalId, attribute) {
      const resource = named(logicalId);
      if (!resource) throw new CannotStart(`The template names ${logicalId}, which is not a resource.`);
      const value = known.get(`${logicalId}.${attribute}`) ?? attributeOf(resource, attribute, place);
      if (value !== undefined) return value;
      // What does not run locally has no attributes to look at, but an alarm's or a key's ARN may still stand in a text.
      if (supportOf(resource.type, false) !== 'supported') return `${refOf(resource, place)}/${attribute}`;
      throw new CannotStart(`${logicalId} (${resource.type}): ${attribute} is not known locally.`);
    },
    condition(name) {
      if (!(name in template.Conditions))
        throw new CannotStart(`The template names the condition ${name}, which it does not have.`);
      return resolve(template.Conditions[name], scope) === true;
    },
    findInMap(map, first, second) {
      const value = template.Mappings[map]?.[first]?.[second];
      if (value === undefined) throw new CannotStart(`The template has no mapping ${map}.${first}.${second}.`);
      return value;
    },
    resolveIn(where, value) {
      try {
        return withLocalAddresses(resolve(value, scope));
      } catch (error) {
        if (error instanceof CannotStart) throw new CannotStart(`${where}: ${error.message}`);
        throw error;
      }
    },
  };

  const apis = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Api');
  /** CDK spells the address of an API as `https://<id>.execute-api.<region>.<suffix>`; here it is the local server's. */
  const withLocalAddresses = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withLocalAddresses);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withLocalAddresses(one)]));
    }
    if (typeof value !== 'string' || !value.includes('.execute-api.')) return value;
    return apis.reduce((text, [id]) => {
      const local = known.get(`${id}.ApiEndpoint`);
      const resource = named(id);
      const inTheCloud = resource && attributeOf(resource, 'ApiEndpoint', place);
      return local && inTheCloud ? text.replaceAll(inTheCloud, local) : text;
    }, value);
  };
  return scope;
}

function parameterValue(name: string, parameter: { Type: string; Default?: string | number | undefined }): unknown {
  if (parameter.Type.startsWith('AWS::SSM::')) {
    throw new CannotStart(`The parameter ${name} is read from SSM, which does not run locally.`);
  }
  if (parameter.Default === undefined) throw new CannotStart(`The parameter ${name} has no default value.`);
  return parameter.Type === 'CommaDelimitedList' || parameter.Type.startsWith('List<')
    ? String(parameter.Default).split(',')
    : parameter.Default;
}
