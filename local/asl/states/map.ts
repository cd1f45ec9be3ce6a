import { ExpressionFailed } from '../expression/errors.ts';
import { readPath } from '../expression/json-path.ts';
import { emitJson, type Json } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { requireType } from '../expression/result-type.ts';
import { runtimeFailure } from '../failure.ts';
import { childPath, groupOf } from '../frame.ts';
import { effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { maxInlineConcurrency } from '../limits.ts';
import { outcomeOf } from '../output.ts';
import { pathNumber } from '../path-number.ts';
import { frameOf, log, type Position, positionAt } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import { iterationInput } from './map-item.ts';
import { enterMapRun, resumeMapRun } from './map-run.ts';
import { isOwnExcess, resultOf } from './parallel.ts';
import { canGoOn, redriveMapRun } from './redriven-map-run.ts';
import { resultOfWriter } from './result-writer.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#map-state */
export const map: StateType = {
  async enter(position) {
    const { run, path, state } = position;
    const input = effectiveInput(position);
    const reads = state.fields.ItemReader !== undefined;
    const { items, maxConcurrency } = await workOf(position, input, reads ? [] : undefined);
    log(run, path, 'MapStateStarted', { length: items.length }, { hidden: { items, maxConcurrency } });
    const now = positionAt(run, path) ?? position;
    await (state.distributed ? enterMapRun(now, input) : this.resume?.(now));
  },

  redrive(position, error) {
    const { state, run, path } = position;
    if (state.distributed) return canGoOn(position, error) ? redriveMapRun(position) : this.enter(position);
    return isOwnExcess(position, error) ? this.enter(position) : void run.ready.push(path);
  },

  async resume(position) {
    const { run, path, state, active } = position;
    // The items are still being read, or the results written.
    if (active.task) return;
    const { finished, results, maxConcurrency, children } = groupOf(frameOf(position));
    const isDone = state.distributed ? await resumeMapRun(position) : finished === results.length;
    if (isDone) return finish(positionAt(run, path) ?? position);
    if (state.distributed) return;
    const limit = Math.min(maxConcurrency || maxInlineConcurrency, maxInlineConcurrency);
    const first = finished + children.length;
    const last = Math.min(results.length, first + limit - children.length);
    for (let index = first; index < last; index++) await startIteration(positionAt(run, path) ?? position, index);
  },
};

async function startIteration(position: Position, index: number): Promise<void> {
  const { run, path, state } = position;
  const child = childPath(path, index);
  const hidden = { startAt: [state.groups[0]?.startAt ?? ''], input: await iterationInput(position, index) };
  const previousEventId = frameOf(position).lastEventId;
  log(run, child, 'MapIterationStarted', { index, name: state.name }, { previousEventId, hidden });
  run.ready.push(child);
}

async function finish(position: Position): Promise<void> {
  const { run, path } = position;
  const { results, lastSucceededEventId } = groupOf(frameOf(position));
  const written = resultOfWriter(position);
  const options = lastSucceededEventId === undefined ? {} : { previousEventId: lastSucceededEventId };
  log(run, path, 'MapStateSucceeded', undefined, options);
  const now = positionAt(run, path) ?? position;
  exitState(now, await outcomeOf(now, effectiveInput(now), written ?? resultOf(now, results)));
}

/** What there is to do: the items as JSON texts. `read`: what an ItemReader gave. */
export async function workOf(
  position: Position,
  input: Json,
  read?: Json[],
): Promise<{ items: string[]; maxConcurrency: number }> {
  const { inspect } = position.run.surroundings;
  const items = read ?? (await itemsOf(position, input));
  if (!read && position.state.language === 'JSONPath') inspect?.('afterItemsPath', items);
  const maxConcurrency = await maxConcurrencyOf(position, input);
  inspect?.('maxConcurrency', maxConcurrency);
  return { items: items.map((item) => emitJson(item)), maxConcurrency };
}

/** ItemsPath, Items, or the input itself: an array. */
async function itemsOf(position: Position, input: Json): Promise<Json[]> {
  const { state } = position;
  const { ItemsPath, Items } = state.fields;
  if (state.language === 'JSONata') {
    if (Items === undefined) {
      if (Array.isArray(input)) return input;
      const cause = `Map state input must be an array but was: ${emitJson(input)}`;
      throw new ExpressionFailed('States.QueryEvaluationError', cause);
    }
    const items = await evaluate(position, 'Items', Items, input);
    requireType(items, 'array', isExpression(Items) ? Items : emitJson(Items), 'Items');
    return items as Json[];
  }
  const path = typeof ItemsPath === 'string' ? ItemsPath : '$';
  const items = path === '$' ? input : readPath(path, pathScope(position, input));
  if (Array.isArray(items)) return items;
  // As recorded: a path into the context object is shown without its second dollar sign.
  const shown = path.replace(/^\$\$/, '$');
  throw runtimeFailure(position, `Reference path "${shown}" must point to array.`);
}

async function maxConcurrencyOf(position: Position, input: Json): Promise<number> {
  const { MaxConcurrency, MaxConcurrencyPath } = position.state.fields;
  if (typeof MaxConcurrencyPath === 'string') {
    const value = pathNumber(position, 'MaxConcurrencyPath', MaxConcurrencyPath, input, 'integer');
    if (value < 0) throw runtimeFailure(position, 'MaxConcurrency cannot be negative.');
    return value;
  }
  if (!isExpression(MaxConcurrency)) return Number(MaxConcurrency ?? 0);
  const value = await evaluate(position, 'MaxConcurrency', MaxConcurrency, input);
  requireType(value, 'number', MaxConcurrency, 'MaxConcurrency');
  return value as number;
}
