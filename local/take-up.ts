import { applyStateMachines, type PublishedMachine } from './apply-state-machines.ts';
import { type ApiSpec, apiSpecs } from './aws/http-api/api-spec.ts';
import type { FunctionDefinition } from './aws/lambda/functions.ts';
import type { Engine } from './engine/engine.ts';
import { functionDefinitions, numberVersions } from './template/functions.ts';
import type { Assembly } from './template/load-assembly.ts';
import type { PublishedVersions } from './template/published-versions.ts';

export interface TakenUp {
  /** Those of the template. */
  functions: readonly FunctionDefinition[];
  /** State machine versions that were published. */
  machines: PublishedMachine[];
  apis: ApiSpec[];
}

/**
 * Publishes what the template has: versions of functions, then state machines, whose definitions name them, then the functions
 * themselves, which name state machines. Each part is on the disk before the next one names it, so that a crash leaves no number
 * that could come to mean something else; the next start takes up its own template from the beginning.
 */
export function takeUp(assembly: Assembly, engine: Engine, published: PublishedVersions): TakenUp {
  numberVersions(assembly, published);
  const apis = apiSpecs(assembly);
  published.save();
  const machines = applyStateMachines(engine, assembly);
  const functions = functionDefinitions(assembly, published);
  published.save();
  return { functions, machines, apis };
}
