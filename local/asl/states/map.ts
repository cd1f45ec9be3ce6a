import { ExpressionFailed } from '../expression/errors.ts';
import { readPath } from '../expression/json-path.ts';
import { emitJson, type Json } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { evaluatePayloadTemplate } from '../expression/payload-template.ts';
import { requireType } from '../expression/result-type.ts';
import { runtimeFailure } from '../failure.ts';
import { childPath, type Frame, groupOf } from '../frame.ts';
import { effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { maxInlineConcurrency } from '../limits.ts';
import { outcomeOf } from '../output.ts';
import { log, type Position, positionAt, textOf } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import { resultOf } from './parallel.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#map-state */
export const map: StateType = {
  async enter(position) {
    const { run, path } = position;
    const input = effectiveInput(position);
    const items = await itemsOf(position, input);
    const maxConcurrency = await maxConcurrencyOf(position, input);
    log(
      run,
      path,
      'MapStateStarted',
      { length: items.length },
      { hidden: { items: items.map((item) => emitJson(item)), maxConcurrency } },
    );
    await this.resume?.(positionAt(run, path) ?? position);
  },

  async resume(position) {
    const { run, path } = position;
    const { finished, results, items = [], maxConcurrency = 0, children } = groupOf(frameOf(position));
    if (finished === items.length) return finish(position);
    const limit = maxConcurrency > 0 ? Math.min(maxConcurrency, maxInlineConcurrency) : maxInlineConcurrency;
    let running = children.length;
    for (let index = finished + running; index < results.length && running < limit; index++, running++) {
      await startIteration(positionAt(run, path) ?? position, index);
    }
  },
};

async function startIteration(position: Position, index: number): Promise<void> {
  const { run, path, state } = position;
  const input = await iterationInput(position, index);
  const child = childPath(path, index);
  log(
    run,
    child,
    'MapIterationStarted',
    { index, name: state.name },
    {
      previousEventId: frameOf(position).lastEventId,
      hidden: { startAt: [state.groups[0]?.startAt ?? ''], input },
    },
  );
  run.ready.push(child);
}

async function finish(position: Position): Promise<void> {
  const { run, path } = position;
  const { results, lastSucceededEventId } = groupOf(frameOf(position));
  log(
    run,
    path,
    'MapStateSucceeded',
    undefined,
    lastSucceededEventId === undefined ? {} : { previousEventId: lastSucceededEventId },
  );
  const now = positionAt(run, path) ?? position;
  exitState(now, await outcomeOf(now, effectiveInput(now), resultOf(now, results)));
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
    if (!isExpression(Items)) return (await evaluate(position, 'Items', Items, input)) as Json[];
    const items = await evaluate(position, 'Items', Items, input);
    requireType(items, 'array', Items, 'Items');
    return items as Json[];
  }
  const path = typeof ItemsPath === 'string' ? ItemsPath : '$';
  const items = path === '$' ? input : readPath(path, pathScope(position, input));
  if (!Array.isArray(items)) {
    throw runtimeFailure(position, `Reference path "${path}" must point to array.`);
  }
  return items;
}

/** ItemSelector, or Parameters as it was called before; without them the item itself. */
async function iterationInput(position: Position, index: number): Promise<string> {
  const { run, state } = position;
  const { items = [] } = groupOf(frameOf(position));
  const item = items[index] ?? 'null';
  const selector = state.fields.ItemSelector ?? state.fields.Parameters;
  if (selector === undefined) return item;
  const input = effectiveInput(position);
  // The selector sees $$.Map.Item: it is evaluated where the iteration will be.
  const inside: Position = { ...position, path: childPath(position.path, index), line: [...position.line, nowhere] };
  const value =
    state.language === 'JSONata'
      ? await evaluate(inside, 'ItemSelector', selector, input)
      : evaluatePayloadTemplate(selector, pathScope(inside, input), run.surroundings);
  return textOf(run, value);
}

const nowhere: Frame = { lastEventId: 0, variables: {} };

async function maxConcurrencyOf(position: Position, input: Json): Promise<number> {
  const { MaxConcurrency, MaxConcurrencyPath: path } = position.state.fields;
  if (typeof path === 'string') {
    const value = readPath(path, pathScope(position, input));
    if (Number.isInteger(value)) return value as number;
    const shown = typeof value === 'string' ? value : emitJson(value);
    throw runtimeFailure(
      position,
      `The MaxConcurrencyPath field refers to value "${shown}" which is not a valid integer: ${path}`,
    );
  }
  if (!isExpression(MaxConcurrency)) return Number(MaxConcurrency ?? 0);
  const value = await evaluate(position, 'MaxConcurrency', MaxConcurrency, input);
  requireType(value, 'number', MaxConcurrency, 'MaxConcurrency');
  return value as number;
}

function frameOf({ line }: Position): Frame {
  return line.at(-1) as Frame;
}
