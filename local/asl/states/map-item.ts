import { evaluatePayloadTemplate } from '../expression/payload-template.ts';
import { childPath, type Frame, groupOf } from '../frame.ts';
import { effectiveInput } from '../input.ts';
import { frameOf, type Position, textOf } from '../run.ts';
import { evaluate, pathScope } from '../scope.ts';

const nowhere: Frame = { lastEventId: 0, variables: {} };

/** What an iteration starts with, as JSON text. Batches are put together of selected items beforehand. */
export async function iterationInput(position: Position, index: number): Promise<string> {
  const { items = [] } = groupOf(frameOf(position));
  return position.state.fields.ItemBatcher === undefined ? selectedItem(position, index) : (items[index] ?? 'null');
}

/**
 * An item as the iteration gets it: ItemSelector (Parameters, as it was called before) or the item itself.
 * https://states-language.net/spec.html#map-state-input-output-processing
 */
export async function selectedItem(position: Position, index: number): Promise<string> {
  const { run, state, path, line } = position;
  const selector = state.fields.ItemSelector ?? state.fields.Parameters;
  if (selector === undefined) return groupOf(frameOf(position)).items?.[index] ?? 'null';
  const input = effectiveInput(position);
  // The selector sees Map.Item: it is evaluated as if inside the iteration that is about to be.
  const inside: Position = { ...position, path: childPath(path, index), line: [...line, nowhere] };
  const value =
    state.language === 'JSONata'
      ? await evaluate(inside, 'ItemSelector', selector, input)
      : evaluatePayloadTemplate(selector, pathScope(inside, input), run.surroundings);
  return textOf(run, value);
}
