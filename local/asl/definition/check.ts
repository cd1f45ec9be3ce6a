import type { DefinitionProblem } from '../errors.ts';
import { isObject, type JsonObject } from '../expression/json-text.ts';
import { findSyntaxProblem } from '../json-syntax.ts';
import { checkGroup } from './group.ts';
import { type Inspection, report } from './inspection.ts';

/** Everything that CreateStateMachine would refuse, with the place. `definition` is absent if the text is no JSON object. */
export function checkDefinition(
  definitionText: string,
  type: 'STANDARD' | 'EXPRESS',
): { definition?: JsonObject; problems: DefinitionProblem[] } {
  const problems: DefinitionProblem[] = [];
  const inspection: Inspection = { problems, type, names: new Set(), language: 'JSONPath' };
  const definition = parse(inspection, definitionText);
  if (!definition) return { problems };
  const language = definition.QueryLanguage;
  checkGroup({ ...inspection, language: language === 'JSONata' ? 'JSONata' : 'JSONPath' }, '', definition);
  return { definition, problems };
}

function parse(inspection: Inspection, text: string): JsonObject | undefined {
  const syntax = text.trim() === '' ? undefined : findSyntaxProblem(text);
  if (syntax) {
    const location = `[Source: (String)"${text}"; line: ${syntax.line}, column: ${syntax.column}]`;
    const message = `${syntax.message}\n at ${location}`;
    inspection.problems.push({ code: 'INVALID_JSON_DESCRIPTION', message, location });
    return undefined;
  }
  const definition: unknown = text.trim() === '' ? undefined : JSON.parse(text);
  if (isObject(definition)) return definition;
  report(inspection, undefined, 'Definition must be a valid JSON object');
  return undefined;
}
