import { isDeepStrictEqual } from 'node:util';
import { checkStateMachines, type PublishedMachine } from '../apply-state-machines.ts';
import { apiSpecs } from '../aws/http-api/api-spec.ts';
import { codeDigest } from '../aws/lambda/code-digest.ts';
import type { FunctionDefinition } from '../aws/lambda/functions.ts';
import type { LambdaHost } from '../aws/lambda/host.ts';
import type { Engine } from '../engine/engine.ts';
import type { ServedApis } from '../serve-apis.ts';
import { takeUp } from '../take-up.ts';
import { functionDefinitions, numberVersions } from '../template/functions.ts';
import { type Assembly, loadAssembly } from '../template/load-assembly.ts';
import type { PublishedVersions } from '../template/published-versions.ts';
import { refuseOtherChanges } from './other-changes.ts';
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
  /** By logical id. */
  functions: Differences;
  /** By route key. */
  routes: Differences;
}

export interface DeploymentPorts {
  /** What the runtime started with. */
  assembly: Assembly;
  region?: string | undefined;
  /** Needed when the app has several stacks. */
  stack?: string | undefined;
  engine: Engine;
  published: PublishedVersions;
  host: LambdaHost;
  apis: ServedApis;
  /** Called when another template is what runs. */
  tookUp(assembly: Assembly, functions: readonly FunctionDefinition[]): void;
}

export interface Deployment {
  /** Throws `CannotStart`, and has changed nothing then. Any other error: it was taken up in part. */
  deploy(assemblyDir: string): DeployReport;
}

/**
 * Lets a runtime that is up take up an edited app. First all is read and checked that can be refused; what follows is one turn of the
 * event loop, so that nobody sees a state machine before the functions that it names. A crash in the middle of it leaves what a
 * start brings to its own template.
 */
export function createDeployment(ports: DeploymentPorts): Deployment {
  const { region, stack, engine, published, host, apis, tookUp } = ports;
  let current = ports.assembly;

  function read(assemblyDir: string): Assembly {
    const { known } = current;
    const next = loadAssembly(assemblyDir, { ...(region && { region }), ...(stack && { stack }), known });
    refuseOtherChanges(current, next);
    try {
      numberVersions(next, published);
      checkStateMachines(engine, next);
      functionDefinitions(next, published);
      apiSpecs(next);
      return next;
    } finally {
      published.discard();
    }
  }

  function write(next: Assembly): PublishedMachine[] {
    try {
      const { functions, machines } = takeUp(next, engine, published);
      host.replace(published.complete(functions));
      apis.replace(apiSpecs(next));
      current = next;
      tookUp(next, functions);
      return machines;
    } catch (error) {
      // Not a refusal: something has been written.
      throw new Error((error as Error).message, { cause: error });
    }
  }

  return {
    deploy(assemblyDir) {
      const next = read(assemblyDir);
      const before = current;
      const functionsBefore = configurationsOf(before, host);
      const machines = write(next);
      return {
        stackName: next.stackName,
        published: machines.map((machine) => describe(machine, host)),
        functions: differences(functionsBefore, configurationsOf(next, host)),
        routes: differences(routesOf(before), routesOf(next)),
      };
    },
  };
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

function describe(
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
