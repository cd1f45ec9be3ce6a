import { emitJson, isObject, type Json, type JsonObject } from '../expression/json-text.ts';
import { evaluatePayloadTemplate } from '../expression/payload-template.ts';
import { StateFailed } from '../failure.ts';
import type { Hidden } from '../journal-facts.ts';
import { pathNumber } from '../path-number.ts';
import { log, note, type Position, positionAt } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import { batchItems } from './item-batcher.ts';
import type { TaskSignal } from './task.ts';

/** What the reader is asked for, as JSON text: the runner's parameters. */
export interface ReaderRequest {
  /** Parameters or Arguments: Bucket, Key, ... */
  request: Json;
  /** ReaderConfig, evaluated. */
  config: JsonObject;
}

/**
 * What a Map's ItemReader is to read.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export async function readerRequest(position: Position, input: Json): Promise<ReaderRequest> {
  const { run, state } = position;
  const reader = state.fields.ItemReader as JsonObject;
  const { ReaderConfig = {} } = reader;
  if (state.language === 'JSONata') {
    const config = await evaluate(position, 'ItemReader/ReaderConfig', ReaderConfig, input);
    const request = await evaluate(position, 'ItemReader/Arguments', reader.Arguments ?? {}, input);
    return { request, config: isObject(config) ? config : {} };
  }
  const { MaxItemsPath, ...config } = ReaderConfig as JsonObject;
  if (typeof MaxItemsPath === 'string') {
    config.MaxItems = pathNumber(position, 'MaxItemsPath', MaxItemsPath, input, 'integer');
  }
  const request = evaluatePayloadTemplate(reader.Parameters ?? {}, pathScope(position, input), run.surroundings);
  return { request, config };
}

/** The reader is put in flight like a task; no event tells of it. */
export function startReader({ run, path }: Position, { request, config }: ReaderRequest): void {
  if (typeof config.MaxItems === 'number' && config.MaxItems < 0) {
    failReader({ run, path }, 'field MaxItems must be positive');
  }
  const taskId = `${path}#${run.execution.lastEventId}/read`;
  const input = emitJson({ Request: request, ReaderConfig: config });
  note(run, path, { fact: 'ReaderStarted', taskId, input });
}

/** What the runner says of the reader in flight. */
export async function onReaderSignal(position: Position, signal: TaskSignal): Promise<void> {
  const { run, path } = position;
  if (signal.type === 'taskFailed') failReader({ run, path }, signal.cause ?? 'The items could not be read.');
  if (signal.type !== 'taskSucceeded') return;
  const items = (JSON.parse(signal.output) as Json[]).map(emitJson);
  note(run, path, { fact: 'ItemsKnown', items } satisfies Hidden);
  await batchItems(positionAt(run, path) ?? position);
  run.ready.push(path);
}

function failReader({ run, path }: Pick<Position, 'run' | 'path'>, cause: string): never {
  const error = 'States.ItemReaderFailed';
  log(run, path, 'MapRunFailed', { cause, error });
  throw new StateFailed({ error, cause });
}
