import { emitJson, type Json, type JsonObject } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { evaluatePayloadTemplate } from '../expression/payload-template.ts';
import { requireType } from '../expression/result-type.ts';
import { runtimeFailure } from '../failure.ts';
import { groupOf } from '../frame.ts';
import { effectiveInput } from '../input.ts';
import { maxDataBytes } from '../limits.ts';
import { pathNumber } from '../path-number.ts';
import { frameOf, note, type Position } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import { selectedItem } from './map-item.ts';

/**
 * Puts items (JSON texts) together to the inputs of fewer children: `{"BatchInput": ..., "Items": [...]}`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
async function batchesOf(position: Position, input: Json, items: readonly string[]): Promise<string[]> {
  const { run, state } = position;
  const { BatchInput } = state.fields.ItemBatcher as JsonObject;
  const mostItems = (await limit(position, 'MaxItemsPerBatch', input)) ?? Number.POSITIVE_INFINITY;
  const mostBytes = (await limit(position, 'MaxInputBytesPerBatch', input)) ?? maxDataBytes;
  let prefix = '{"Items":[';
  if (BatchInput !== undefined) {
    const value =
      state.language === 'JSONata'
        ? await evaluate(position, 'ItemBatcher/BatchInput', BatchInput, input)
        : evaluatePayloadTemplate(BatchInput, pathScope(position, input), run.surroundings);
    prefix = `{"BatchInput":${emitJson(value)},"Items":[`;
  }
  const batches: string[][] = [];
  const frameBytes = Buffer.byteLength(prefix) + 2;
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(item) + 1;
    const last = batches.at(-1);
    if (last && last.length < mostItems && bytes + size <= mostBytes) {
      last.push(item);
      bytes += size;
    } else {
      batches.push([item]);
      bytes = frameBytes + size;
    }
  }
  return batches.map((batch) => `${prefix}${batch.join(',')}]}`);
}

/** Once the items are known: the batches take their place. */
export async function batchItems(position: Position): Promise<void> {
  const { run, path, state } = position;
  if (state.fields.ItemBatcher === undefined) return;
  const items: string[] = [];
  for (const index of groupOf(frameOf(position)).items?.keys() ?? []) items.push(await selectedItem(position, index));
  note(run, path, { fact: 'ItemsKnown', items: await batchesOf(position, effectiveInput(position), items) });
}

/** The field, its ...Path twin, or an expression; undefined without any. */
async function limit(
  position: Position,
  field: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch',
  input: Json,
): Promise<number | undefined> {
  const batcher = position.state.fields.ItemBatcher as JsonObject;
  const path = batcher[`${field}Path`];
  const value =
    typeof path === 'string'
      ? pathNumber(position, `${field}Path`, path, input, 'integer')
      : await literal(position, field, batcher[field], input);
  if (value === undefined || value > 0) return value;
  throw runtimeFailure(position, `${field} must be positive.`);
}

async function literal(
  position: Position,
  field: string,
  given: Json | undefined,
  input: Json,
): Promise<number | undefined> {
  if (!isExpression(given)) return given as number | undefined;
  const value = await evaluate(position, `ItemBatcher/${field}`, given, input);
  requireType(value, 'number', given, field);
  return value as number;
}
