import { expressionFields, templateFields } from '../definition/fields.ts';
import { type IntrinsicCall, parseIntrinsic } from './intrinsic-parser.ts';
import { parsePath } from './json-path-parser.ts';
import { isObject, type Json, type JsonObject } from './json-text.ts';
import { checkExpression, isExpression } from './jsonata.ts';

/**
 * The workflow variables that a state refers to, sorted: its entry in DescribeStateMachine's `variableReferences`.
 * The states inside a Map or Parallel have entries of their own.
 */
export function variablesOfState(state: JsonObject, language: 'JSONPath' | 'JSONata'): string[] {
  const { Result, ItemProcessor, Iterator: iterator, Branches, ...fields } = state;
  const found = language === 'JSONata' ? variablesOfExpressions(fields) : variablesOfFields(fields, false);
  return [...new Set(found)].sort();
}

/** Of the state itself, its Choice rules and its Catchers. What is not evaluated (a Comment, an error's name) may say anything. */
function variablesOfExpressions(state: JsonObject): string[] {
  const owners = [state, ...[state.Choices ?? [], state.Catch ?? []].flat().filter(isObject)];
  return owners.flatMap((owner) => expressionFields.flatMap((field) => variablesOfTemplate(owner[field] ?? null)));
}

/** Inside a payload template only the names that end in `.$` mean something: `imagePath` is the user's own. */
function variablesOfFields(value: Json, isTemplate: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => variablesOfFields(item, isTemplate));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const isPath = name.endsWith('.$') || (!isTemplate && (name === 'Variable' || name.endsWith('Path')));
    if (isPath && typeof field === 'string') return variablesOfPathOrCall(field);
    return variablesOfFields(field, isTemplate || templateFields.includes(name));
  });
}

/** The workflow variable that a path starts from, if it does: [] or one name. */
export function variablesOfPath(path: string): string[] {
  const { root } = parsePath(path);
  return typeof root === 'object' ? [root.variable] : [];
}

/** The variables of a path or an intrinsic call. */
export function variablesOfPathOrCall(text: string): string[] {
  return text.startsWith('$') ? variablesOfPath(text) : variablesOfCall(parseIntrinsic(text));
}

function variablesOfCall(call: IntrinsicCall): string[] {
  return call.arguments.flatMap((argument) => {
    if (argument.type === 'call') return variablesOfCall(argument.call);
    return argument.type === 'path' && argument.variable !== undefined ? [argument.variable] : [];
  });
}

/** The workflow variables of the `{% %}` strings in any field of a JSONata state, with repetitions; `$states` is none. */
export function variablesOfTemplate(template: Json): string[] {
  if (isExpression(template)) return checkExpression(template).variables.filter((name) => name !== 'states');
  if (Array.isArray(template)) return template.flatMap(variablesOfTemplate);
  return isObject(template) ? Object.values(template).flatMap(variablesOfTemplate) : [];
}
