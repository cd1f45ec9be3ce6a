import { emitJson, isObject, type Json } from './expression/json-text.ts';
import { evaluatePayloadTemplate } from './expression/payload-template.ts';
import type { Position } from './run.ts';
import { evaluate, pathScope, type Results } from './scope.ts';

/**
 * The variables that an Assign field gives, as JSON texts. In a JSONPath state `input` is what `$` means there: the result.
 * https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export async function assign(
  position: Position,
  template: Json,
  input: Json,
  results: Results,
): Promise<Record<string, string>> {
  const values =
    position.state.language === 'JSONata'
      ? await evaluate(position, 'Assign', template, input, results)
      : evaluatePayloadTemplate(template, pathScope(position, input), position.run.surroundings);
  const texts: Record<string, string> = {};
  if (isObject(values)) for (const name in values) texts[name] = emitJson(values[name] as Json);
  return texts;
}
