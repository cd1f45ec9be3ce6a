import { emitJson, type Json, type JsonObject, parseJson } from '../expression/json-text.ts';
import { evaluatePayloadTemplate } from '../expression/payload-template.ts';
import { StateFailed } from '../failure.ts';
import { groupOf, mapRunOf } from '../frame.ts';
import { effectiveInput } from '../input.ts';
import { frameOf, log, note, type Position } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';
import type { TaskSignal } from './task.ts';

/**
 * Puts the ResultWriter of a map run in flight, like a task that no event tells of; false if nothing is to be written.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export async function startWriter(position: Position): Promise<boolean> {
  const { run, path, state } = position;
  const writer = state.fields.ResultWriter as JsonObject | undefined;
  if (writer?.Resource === undefined) return false;
  const input = effectiveInput(position);
  const request =
    state.language === 'JSONata'
      ? await evaluate(position, 'ResultWriter/Arguments', writer.Arguments ?? {}, input)
      : evaluatePayloadTemplate(writer.Parameters ?? {}, pathScope(position, input), run.surroundings);
  const parameters = {
    Request: request,
    WriterConfig: writer.WriterConfig ?? {},
    MapRunArn: mapRunOf(groupOf(frameOf(position))).arn,
    Results: transformed(position, writer),
  };
  const taskId = `${path}#${run.execution.lastEventId}/write`;
  note(run, path, { fact: 'WriterStarted', taskId, input: emitJson(parameters) });
  return true;
}

/** The result of the Map, if a ResultWriter has a say in it: what the writing gave, or the results as it has them. */
export function resultOfWriter(position: Position): Json | undefined {
  const writer = position.state.fields.ResultWriter as JsonObject | undefined;
  const { mapRun } = groupOf(frameOf(position));
  if (mapRun?.written !== undefined) return parseJson(mapRun.written);
  return writer && mapRun ? transformed(position, writer) : undefined;
}

/** NONE: the description of each child execution; COMPACT: its output; FLATTEN: outputs that are arrays in one array. */
function transformed(position: Position, writer: JsonObject): Json[] {
  const { records = {} } = mapRunOf(groupOf(frameOf(position)));
  const descriptions = Object.values(records).map((text) => parseJson(text) as JsonObject);
  const { Transformation } = (writer.WriterConfig ?? {}) as JsonObject;
  if (Transformation !== 'COMPACT' && Transformation !== 'FLATTEN') return descriptions;
  const outputs = descriptions.map(({ Output, Error: error, Cause }) =>
    typeof Output === 'string' ? parseJson(Output) : { Error: error ?? null, Cause: Cause ?? null },
  );
  return Transformation === 'FLATTEN' ? outputs.flat() : outputs;
}

/** What the runner says of the writer in flight: the output text when it is done. */
export function onWriterSignal({ run, path }: Position, signal: TaskSignal): void {
  if (signal.type === 'taskFailed') {
    const failure = {
      error: 'States.ResultWriterFailed',
      cause: signal.cause ?? 'The results could not be written.',
    };
    log(run, path, 'MapRunFailed', failure);
    throw new StateFailed(failure);
  }
  if (signal.type !== 'taskSucceeded') return;
  note(run, path, { fact: 'ResultsWritten', input: signal.output });
  run.ready.push(path);
}
