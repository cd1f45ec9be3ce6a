import { Defect } from '../errors.ts';
import type { Json, JsonObject } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { requireType } from '../expression/result-type.ts';
import { runtimeFailure, StateFailed } from '../failure.ts';
import { type ChildExecution, childPrefix, groupOf, type MapRun, mapRunOf } from '../frame.ts';
import type { JournalEntry } from '../history.ts';
import type { Hidden } from '../journal-facts.ts';
import { maxChildExecutions } from '../limits.ts';
import type { Machine } from '../machine.ts';
import { pathNumber } from '../path-number.ts';
import { frameOf, log, note, type Position, positionAt, write } from '../run.ts';
import { evaluate } from '../scope.ts';
import type { Signal, Surroundings } from '../signal.ts';
import { batchItems } from './item-batcher.ts';
import { readerRequest, startReader } from './item-reader.ts';
import { iterationInput } from './map-item.ts';
import { startWriter } from './result-writer.ts';

/**
 * A distributed Map: every iteration is an execution of its own. They live inside this execution's journal, wrapped
 * (`hidden.child`), and share its engine: their tasks and timers appear among its own under longer names.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export async function enterMapRun(position: Position, input: Json): Promise<void> {
  const { run, path, state } = position;
  const reader = state.fields.ItemReader === undefined ? undefined : await readerRequest(position, input);
  const hidden: Hidden = {
    ...(await toleranceOf(position, input)),
    ...(state.fields.ResultWriter !== undefined && { keepsRecords: true }),
  };
  const label = typeof state.fields.Label === 'string' ? state.fields.Label : run.surroundings.uuid();
  const mapRunArn = `${mapRunPrefix(position)}/${label}:${run.surroundings.uuid()}`;
  log(run, path, 'MapRunStarted', { mapRunArn }, { hidden });
  if (reader) return startReader(position, reader);
  await batchItems(positionAt(run, path) ?? position);
  run.ready.push(path);
}

export type Tolerance = Pick<MapRun, 'toleratedFailureCount' | 'toleratedFailurePercentage'>;

/** How many children may fail. */
export async function toleranceOf(position: Position, input: Json): Promise<Tolerance> {
  const { inspect } = position.run.surroundings;
  const toleratedFailureCount = await tolerated(position, 'ToleratedFailureCount', input);
  if (toleratedFailureCount !== undefined && toleratedFailureCount < 0) {
    throw runtimeFailure(position, 'ToleratedFailureCount cannot be negative.');
  }
  const toleratedFailurePercentage = await tolerated(position, 'ToleratedFailurePercentage', input);
  if (
    toleratedFailurePercentage !== undefined &&
    !(toleratedFailurePercentage >= 0 && toleratedFailurePercentage <= 100)
  ) {
    throw runtimeFailure(position, 'ToleratedFailurePercentage must be between 0 and 100.');
  }
  if (toleratedFailureCount !== undefined) inspect?.('toleratedFailureCount', toleratedFailureCount);
  if (toleratedFailurePercentage !== undefined) inspect?.('toleratedFailurePercentage', toleratedFailurePercentage);
  return {
    ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
    ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
  };
}

/** Starts as many children as may run; true when all of them are done and their results, if need be, written. */
export async function resumeMapRun(position: Position): Promise<boolean> {
  const { run, path } = position;
  for (;;) {
    const now = positionAt(run, path) ?? position;
    const { finished, results, maxConcurrency } = groupOf(frameOf(now));
    const mapRun = mapRunOf(groupOf(frameOf(now)));
    if (isExceeded(mapRun, results.length)) failMapRun(now);
    if (finished === results.length) {
      if (mapRun.written === undefined && (await startWriter(now))) return false;
      log(run, path, 'MapRunSucceeded');
      return true;
    }
    const limit = Math.min(maxConcurrency || maxChildExecutions, maxChildExecutions);
    const { running, pendingRedrive: [pending, ...others] = [] } = mapRun;
    if (running.length >= limit) return false;
    if (pending) {
      await redriveChild(now, pending.index);
      continue;
    }
    const index = finished + running.length + others.length;
    if (index === results.length) return false;
    await startChildExecution(now, index);
  }
}

/** Whether more children failed than may. */
export function isExceeded(
  { failed, toleratedFailureCount, toleratedFailurePercentage }: Tolerance & { failed: number },
  total: number,
): boolean {
  if (failed === 0) return false;
  if (toleratedFailureCount === undefined && toleratedFailurePercentage === undefined) return true;
  return (
    failed > (toleratedFailureCount ?? Number.POSITIVE_INFINITY) ||
    (failed / total) * 100 > (toleratedFailurePercentage ?? 100)
  );
}

function failMapRun({ run, path }: Position): never {
  const { error, cause } = thresholdExceeded;
  log(run, path, 'MapRunFailed', { cause, error });
  throw new StateFailed(thresholdExceeded);
}

export const thresholdExceeded = {
  error: 'States.ExceedToleratedFailureThreshold',
  cause: 'The specified tolerated failure threshold was exceeded',
};

async function startChildExecution(position: Position, index: number): Promise<void> {
  const { run, path, state } = position;
  const input = await iterationInput(position, index);
  const childName = run.surroundings.uuid();
  const startAt = [state.groups[0]?.startAt ?? ''];
  note(run, path, { fact: 'ChildStarted', index, childName, startAt, input });
  await tellChild(position, index, { type: 'start' });
}

/** A Standard child goes on from where it failed; an Express one begins again, as an execution of another name. */
async function redriveChild(position: Position, index: number): Promise<void> {
  const processor = (position.state.fields.ItemProcessor ?? position.state.fields.Iterator) as JsonObject;
  const { ExecutionType } = (processor.ProcessorConfig ?? {}) as JsonObject;
  await (ExecutionType === 'EXPRESS'
    ? startChildExecution(position, index)
    : tellChild(position, index, { type: 'redrive' }));
}

/** Hands a signal to a child execution; what it does about it becomes part of this journal. */
async function tellChild(position: Position, index: number, signal: Signal): Promise<void> {
  const { run, path, state } = position;
  const child = childOf(position, index);
  const machine: Machine | undefined = state.groups[0];
  if (!child || !machine) throw new Defect('a child execution that is not there');
  const { surroundings } = run;
  const inside: Surroundings = {
    at: surroundings.at,
    random: () => surroundings.random(),
    uuid: () => surroundings.uuid(),
    taskToken: (taskId) => surroundings.taskToken(childPrefix(path, child) + taskId),
    activityExists: (arn) => surroundings.activityExists?.(arn) ?? true,
  };
  for (const entry of await run.advance(machine, child.execution, signal, inside)) wrap(position, index, entry);
}

function wrap({ run, path }: Position, index: number, child: JournalEntry): void {
  const hidden: Hidden = { index, child };
  write(run, { frame: path, at: child.at, hidden: hidden as Record<string, unknown> });
}

function childOf({ run, path, line }: Position, index: number): ChildExecution | undefined {
  const frame = positionAt(run, path)?.line.at(-1) ?? line.at(-1);
  const { running = [], pendingRedrive = [] } = frame?.state?.group?.mapRun ?? {};
  return [...running, ...pendingRedrive].find((one) => one.index === index);
}

interface ForChild {
  path: string;
  index: number;
  name: string;
  signal: Signal;
}

/** A signal whose id carries a child's prefix, with that taken off. */
export function toChild(signal: Signal): ForChild | undefined {
  const id = 'taskId' in signal ? signal.taskId : signal.type === 'timer' ? signal.timerId : '';
  const [, path = '', index, name = '', rest] = /^([\d.]*)!(\d+):([^!]*)!(.*)$/s.exec(id) ?? [];
  if (rest === undefined) return undefined;
  const inner: Signal = 'taskId' in signal ? { ...signal, taskId: rest } : { type: 'timer', timerId: rest };
  return { path, index: Number(index), name, signal: inner };
}

export async function signalChild(position: Position, { index, name, signal }: ForChild): Promise<void> {
  const child = childOf(position, index);
  if (child?.execution.executionName !== name) return;
  await tellChild(position, index, signal);
  if (!childOf(position, index)) position.run.ready.push(position.path);
}

/** The field, its ...Path twin, or an expression; undefined without any. */
async function tolerated(
  position: Position,
  field: 'ToleratedFailureCount' | 'ToleratedFailurePercentage',
  input: Json,
): Promise<number | undefined> {
  const { fields } = position.state;
  const path = fields[`${field}Path`];
  const type = field === 'ToleratedFailureCount' ? 'integer' : 'float';
  if (typeof path === 'string') return pathNumber(position, `${field}Path`, path, input, type);
  const literal = fields[field];
  if (!isExpression(literal)) return literal as number | undefined;
  const value = await evaluate(position, field, literal, input);
  requireType(value, 'number', literal, field);
  return value as number;
}

function mapRunPrefix({ run }: Position): string {
  const [arn, partition, service, region, account] = run.execution.stateMachineArn.split(':');
  return [arn, partition, service, region, account, 'mapRun', run.execution.stateMachineName].join(':');
}
