import { checkStateMachines, type PublishedMachine } from '../apply-state-machines.ts';
import { apiSpecs } from '../aws/http-api/api-spec.ts';
import type { FunctionDefinition } from '../aws/lambda/functions.ts';
import type { LambdaHost } from '../aws/lambda/host.ts';
import { CannotStart } from '../cannot-start.ts';
import type { Engine } from '../engine/engine.ts';
import type { Synthesis } from '../runtime-file.ts';
import type { ServedApis } from '../serve-apis.ts';
import { takeUp } from '../take-up.ts';
import { functionDefinitions, numberVersions } from '../template/functions.ts';
import { type Assembly, loadAssembly } from '../template/load-assembly.ts';
import type { PublishedVersions } from '../template/published-versions.ts';
import { type DeployReport, deployReport, shapeOf } from './deploy-report.ts';
import { refuseOtherChanges } from './other-changes.ts';

/** What runs. */
export interface Deployed {
  assembly: Assembly;
  /** How it was synthesised, if that is known. */
  synthesis?: Synthesis | undefined;
}

export interface DeploymentPorts extends Deployed {
  /** Of the template. */
  functions: readonly FunctionDefinition[];
  region?: string | undefined;
  /** Needed when the app has several stacks. */
  stack?: string | undefined;
  engine: Engine;
  published: PublishedVersions;
  host: LambdaHost;
  apis: ServedApis;
  /** Called when another template is what runs. */
  tookUp(deployed: Deployed): void;
}

export interface Deployment {
  readonly assembly: Assembly;
  /** Throws `CannotStart`, and has changed nothing then. Any other error: it was taken up in part. */
  deploy(assemblyDir: string, synthesis?: Synthesis): DeployReport;
  /** Takes a published version of a function away, for good. */
  delete(functionName: string, version: string): void;
  /** Says what runs, for the first time. */
  announce(): void;
}

/**
 * Lets a runtime that is up take up an edited app. First all is read and checked that can be refused; what follows is one turn of the
 * event loop, so that nobody sees a state machine before the functions that it names. A crash in the middle of it leaves what a
 * start brings to its own template.
 */
export function createDeployment(ports: DeploymentPorts): Deployment {
  const { region, stack, engine, published, host, apis, tookUp } = ports;
  let { assembly, functions, synthesis } = ports;

  function read(assemblyDir: string): Assembly {
    const { known } = assembly;
    const next = loadAssembly(assemblyDir, { ...(region && { region }), ...(stack && { stack }), known });
    refuseOtherChanges(assembly, next);
    try {
      numberVersions(next, published);
      apiSpecs(next);
      checkStateMachines(engine, next);
      functionDefinitions(next, published);
      return next;
    } catch (error) {
      throw error instanceof CannotStart ? error : new CannotStart(`It cannot be read: ${(error as Error).message}.`);
    } finally {
      published.discard();
    }
  }

  function write(next: Assembly): PublishedMachine[] {
    try {
      const taken = takeUp(next, engine, published);
      ({ functions } = taken);
      host.replace(published.complete(functions));
      apis.replace(taken.apis);
      assembly = next;
      return taken.machines;
    } catch (error) {
      // Not a refusal: something has been written.
      throw new Error((error as Error).message, { cause: error });
    }
  }

  return {
    get assembly() {
      return assembly;
    },
    deploy(assemblyDir, given = synthesis) {
      const next = read(assemblyDir);
      const before = shapeOf(assembly, engine, host);
      const machines = write(next);
      synthesis = given;
      tookUp({ assembly, synthesis });
      return deployReport(machines, before, shapeOf(next, engine, host), host);
    },
    delete(functionName, version) {
      published.delete(functionName, version);
      published.save();
      host.replace(published.complete(functions));
    },
    announce: () => tookUp({ assembly, synthesis }),
  };
}
