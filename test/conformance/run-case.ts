import { isDeepStrictEqual } from 'node:util';
import { createApiClient } from './api-client.ts';
import type { Case, Fixtures, Run, Step } from './case-format.ts';
import { type Difference, firstDifference } from './compare.ts';
import type { Json, JsonObject } from './json-tree.ts';
import { rewriteListing, wasRewritten } from './listed-objects.ts';
import { startLocalServer } from './local-server.ts';
import { normalize } from './normalize.ts';
import { forgetOrder, sortUnnumbered } from './parallel-events.ts';
import { fillIn } from './references.ts';
import { awaitExecution, doStep, textOf } from './steps.ts';
import { createWorld, errorResult, type World, waitFor } from './world.ts';

export type Mode = 'strict' | 'lenient';

export interface Verdict {
  case: Case;
  outcome: 'passed' | 'failed' | 'skipped';
  difference?: Difference;
  /** Why it could not be compared, or was skipped. */
  reason?: string;
  /** Real time. */
  tookMs: number;
}

export interface RunOptions {
  mode: Mode;
  fixtures: Fixtures;
}

/** What of AWS the runtime has; a case that needs anything else is out of scope. */
export const supportedServices = ['lambda', 'sqs', 'states', 'activity', 's3', 'dynamodb'];

/** Runs one case against a runtime of its own, and compares. */
export async function runCase(one: Case, { mode, fixtures }: RunOptions): Promise<Verdict> {
  const startedAt = performance.now();
  const verdict = (rest: Omit<Verdict, 'case' | 'tookMs'>): Verdict => ({
    case: one,
    tookMs: performance.now() - startedAt,
    ...rest,
  });
  const missing = one.services.filter((service) => !supportedServices.includes(service));
  if (missing.length > 0) return verdict({ outcome: 'skipped', reason: `needs ${missing.join(', ')}` });
  try {
    const difference = await play(one, fixtures, mode);
    return verdict(difference ? { outcome: 'failed', difference } : { outcome: 'passed' });
  } catch (error) {
    return verdict({ outcome: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

async function play(one: Case, fixtures: Fixtures, mode: Mode): Promise<Difference | undefined> {
  const needs = {
    queues: one.services.some((service) => ['sqs', 's3'].includes(service)),
    tables: one.services.includes('dynamodb'),
  };
  await using server = await startLocalServer(fixtures, needs);
  using api = createApiClient(server.endpoint);
  const world = createWorld(one, api, server.functions);
  for (const step of one.setup ?? []) await doStep(world, step);
  if (one.kind === 'batch') return await playBatch(world);
  if (one.kind === 'api') for (const step of one.steps ?? []) if (!isClientSide(one, step)) await doStep(world, step);
  if (one.kind === 'execution') await playExecution(world);
  return compareOutputs(world, mode);
}

async function create(world: World, definition: unknown): Promise<Record<string, unknown>> {
  const { name, roleArn, type = 'STANDARD' } = world.case;
  const text = textOf(definition);
  return world.api.call('stepfunctions.createStateMachine', { name, roleArn, type, definition: text });
}

async function playExecution(world: World): Promise<void> {
  const { definition, runs = [], type } = world.case;
  const { results, lookup } = world;
  let stateMachineArn: unknown;
  try {
    const created = await create(world, fillIn(definition, lookup));
    results.set('create', created);
    stateMachineArn = created.stateMachineArn;
  } catch (error) {
    results.set('create', errorResult(error));
    if (runs.length > 0) throw error;
  }
  for (const [index, run] of runs.entries()) {
    const id = `run${index}`;
    const started = await start(world, run, String(stateMachineArn));
    results.set(id, started);
    if (type === 'EXPRESS') continue;
    const { executionArn } = started as { executionArn: string };
    if (run.until === 'running') await world.api.advance(0);
    else await awaitExecution(world, 'terminated', executionArn);
    results.set(`${id}.history`, await history(world, executionArn));
    results.set(`${id}.describe`, await world.api.call('stepfunctions.describeExecution', { executionArn }));
    if (run.until === 'running') await world.api.call('stepfunctions.stopExecution', { executionArn });
  }
}

async function start(world: World, run: Run, stateMachineArn: string): Promise<Record<string, unknown>> {
  const params = {
    stateMachineArn,
    ...(run.input !== null && { input: world.fillInText(run.input) }),
    ...(run.name !== undefined && { name: run.name }),
  };
  if (!run.sync) return world.api.call('stepfunctions.startExecution', params);
  return waitFor(world, 'the execution has ended', world.api.call('stepfunctions.startSyncExecution', params));
}

async function history(world: World, executionArn: string): Promise<Record<string, unknown>> {
  const params = { executionArn, maxResults: 1000 };
  return world.api.call('stepfunctions.getExecutionHistory', params);
}

/** Each run has the literal in the place of `"@{literal}"` and only its output is compared. */
async function playBatch(world: World): Promise<Difference | undefined> {
  const machines = new Map<string, string>();
  for (const [index, run] of (world.case.runs ?? []).entries()) {
    const text = JSON.stringify(world.case.definition);
    const definition = 'literal' in run ? text.replaceAll('"@{literal}"', () => JSON.stringify(run.literal)) : text;
    let stateMachineArn = machines.get(definition);
    if (stateMachineArn === undefined) {
      const name = `${world.case.name ?? 'batch'}-${machines.size}`.slice(-80);
      const roleArn = world.case.roleArn ?? 'arn:aws:iam::111111111111:role/any';
      const created = await world.api.call('stepfunctions.createStateMachine', { name, roleArn, definition });
      stateMachineArn = String(created.stateMachineArn);
      machines.set(definition, stateMachineArn);
    }
    const { executionArn } = (await start(world, run, stateMachineArn)) as { executionArn: string };
    await awaitExecution(world, 'terminated', executionArn);
    const { output = null } = await world.api.call('stepfunctions.describeExecution', { executionArn });
    const observed = typeof output === 'string' ? (JSON.parse(output) as Json) : 'no output';
    if (!isDeepStrictEqual(observed, run.output)) {
      const difference = { expected: JSON.stringify(run.output), observed: JSON.stringify(observed) };
      return { path: `runs[${index}] with input ${run.input}, literal ${JSON.stringify(run.literal)}`, ...difference };
    }
  }
  return undefined;
}

function compareOutputs(world: World, mode: Mode): Difference | undefined {
  const { outputs = {}, expected = {}, transformers = [], skipPaths = [] } = world.case;
  const clientSide = new Set(world.case.clientSideErrors ?? []);
  const asked = Object.entries(outputs).filter(([key]) => !clientSide.has(key));
  const observed = Object.fromEntries(
    asked.map(([key, template]) => [
      key,
      typeof template === 'string' ? world.lookup(template) : fillIn(template, world.lookup),
    ]),
  );
  if (wasRewritten(world.case.notes)) {
    for (const value of Object.values(observed)) if (hasEvents(value)) rewriteListing(value);
  }
  const normalized = sortUnnumbered(normalize(observed, transformers, world.fillInText)) as JsonObject;
  const wanted = Object.fromEntries(Object.entries(expected).filter(([key]) => !clientSide.has(key)));
  const sorted = sortUnnumbered(structuredClone(wanted) as JsonObject) as JsonObject;
  forgetOrder(sorted, normalized);
  return firstDifference(sorted, normalized, { lenient: mode === 'lenient', skipPaths });
}

function hasEvents(value: unknown): value is { events: Record<string, unknown>[] } {
  return Array.isArray((value as { events?: unknown } | null)?.events);
}

/** A step that never left the client of the recording, because that client refused it. */
function isClientSide({ clientSideErrors = [], outputs = {} }: Case, step: Step): boolean {
  if (!step.expectError || step.id === undefined) return false;
  const mentions = (value: unknown) => JSON.stringify(value).includes(`"${step.id}.`);
  const keys = Object.keys(outputs).filter((key) => mentions(outputs[key]));
  return keys.length > 0 && keys.every((key) => clientSideErrors.includes(key));
}
