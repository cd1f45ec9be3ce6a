import type { DefinitionProblem } from '../errors.ts';
import { isObject, type JsonObject } from '../expression/json-text.ts';

/** Everything that CreateStateMachine would refuse, with the place. `definition` is absent if the text is no JSON object. */
export function checkDefinition(
  definitionText: string,
  _type: 'STANDARD' | 'EXPRESS',
): { definition?: JsonObject; problems: DefinitionProblem[] } {
  let definition: unknown;
  try {
    definition = JSON.parse(definitionText);
  } catch {
    return { problems: [{ code: 'INVALID_JSON_DESCRIPTION', message: 'not JSON' }] };
  }
  if (!isObject(definition)) {
    return { problems: [{ code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' }] };
  }
  return { definition, problems: [] };
}
