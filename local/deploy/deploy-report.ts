import { isDeepStrictEqual } from 'node:util';
import type { PublishedMachine } from '../apply-state-machines.ts';
import { apiSpecs } from '../aws/http-api/api-spec.ts';
import { codeDigest } from '../aws/lambda/code-digest.ts';
import type { LambdaHost } from '../aws/lambda/host.ts';
import type { Engine } from '../engine/engine.ts';
import type { Assembly } from '../template/load-assembly.ts';
import { type StateChanges, stateChanges } from './state-changes.ts';

export interface PublishedVersion extends Omit<StateChanges, 'newVersions'> {
  stateMachine: string;
  version: number;
  /** States that call a function version with other code than before, and those whose function differs in its configuration alone. */
  newCode: string[];
  newConfiguration: string[];
}

export interface Differences {
  added: string[];
  removed: string[];
  changed: string[];
}

/** What a deployment changed. */
export interface DeployReport {
  stackName: string;
  published: PublishedVersion[];
  /** Where aliases lead now that led elsewhere before: `<state machine>:<alias>`, and the weight of each version in percent. */
  aliases: { alias: string; routing: { version: number; weight: number }[] }[];
  /** By logical id. */
  functions: Differences;
  /** By route key. */
  routes: Differences;
}

/** What of an app is compared, as it was at some moment. */
export interface Shape {
  stackName: string;
  aliases: ReadonlyMap<string, DeployReport['aliases'][number]['routing']>;
  functions: ReadonlyMap<string, object>;
  routes: ReadonlyMap<string, object>;
}

export function shapeOf(assembly: Assembly, engine: Engine, host: LambdaHost): Shape {
  return {
    stackName: assembly.stackName,
    aliases: aliasesOf(engine),
    functions: configurationsOf(assembly, host),
    routes: routesOf(assembly),
  };
}

export function deployReport(
  machines: readonly PublishedMachine[],
  before: Shape,
  after: Shape,
  host: LambdaHost,
): DeployReport {
  return {
    stackName: after.stackName,
    published: machines.map((machine) => describeVersion(machine, host)),
    aliases: [...after.aliases]
      .filter(([alias, routing]) => !isDeepStrictEqual(routing, before.aliases.get(alias)))
      .map(([alias, routing]) => ({ alias, routing })),
    functions: differences(before.functions, after.functions),
    routes: differences(before.routes, after.routes),
  };
}

function aliasesOf({ stateMachines, aliases }: Engine): Shape['aliases'] {
  return new Map(
    stateMachines.list().flatMap(({ arn, name }) =>
      aliases.list(arn).map((alias) => {
        const routing = alias.routing.map(({ stateMachineVersionArn, weight }) => {
          return { version: Number(stateMachineVersionArn.split(':').at(-1)), weight };
        });
        return [`${name}:${alias.name}`, routing] as const;
      }),
    ),
  );
}

/** By logical id. */
function configurationsOf(assembly: Assembly, { functions }: LambdaHost): Map<string, object> {
  return new Map(
    assembly.ofType('AWS::Lambda::Function').map(({ logicalId }) => {
      const { versions: _, lastModified: __, ...configuration } = functions.get(assembly.ref(logicalId))!;
      return [logicalId, configuration];
    }),
  );
}

/** Route keys, and the settings of each API under a name of their own. */
function routesOf(assembly: Assembly): Map<string, object> {
  const apis = apiSpecs(assembly);
  return new Map(
    apis.flatMap(({ routes, ...settings }): [string, object][] => [
      [`settings of ${settings.name}`, settings],
      ...routes.map((route): [string, object] => [
        apis.length > 1 ? `${settings.name} ${route.routeKey}` : route.routeKey,
        route,
      ]),
    ]),
  );
}

function differences(before: ReadonlyMap<string, object>, after: ReadonlyMap<string, object>): Differences {
  const isChanged = (name: string) => before.has(name) && !isDeepStrictEqual(before.get(name), after.get(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...after.keys()].filter(isChanged),
  };
}

function describeVersion(
  { name, version, before, definition }: PublishedMachine,
  { functions }: LambdaHost,
): PublishedVersion {
  const changes = stateChanges(before ?? '{}', definition);
  const codeOf = (functionName: string, number: string) => {
    const codeDir = functions.get(functionName)?.versions?.[number]?.codeDir;
    return codeDir && codeDigest(codeDir).sha256;
  };
  const hasNewCode = ({ functionName, from, to }: StateChanges['newVersions'][number]) =>
    codeOf(functionName, from) !== codeOf(functionName, to);
  const { newVersions, ...others } = changes;
  const namesOf = (of: StateChanges['newVersions']) => [...new Set(of.map(({ state }) => state))];
  return {
    stateMachine: name,
    version,
    ...others,
    newCode: namesOf(newVersions.filter(hasNewCode)),
    newConfiguration: namesOf(newVersions.filter((one) => !hasNewCode(one))),
  };
}
