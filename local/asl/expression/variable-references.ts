import { type IntrinsicCall, parseIntrinsic } from './intrinsic-parser.ts';
import { parsePath } from './json-path-parser.ts';
import { isObject, type Json } from './json-text.ts';
import { checkExpression, isExpression } from './jsonata.ts';

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

/** The variables of a JSONPath payload template, in the order of the text, with repetitions. */
export function variablesOfPayloadTemplate(template: Json): string[] {
  if (Array.isArray(template)) return template.flatMap(variablesOfPayloadTemplate);
  if (!isObject(template)) return [];
  return Object.entries(template).flatMap(([name, value]) =>
    name.endsWith('.$') ? variablesOfPathOrCall(value as string) : variablesOfPayloadTemplate(value),
  );
}

/** The workflow variables of the `{% %}` strings in any field of a JSONata state, with repetitions; `$states` is none. */
export function variablesOfTemplate(template: Json): string[] {
  if (isExpression(template)) return checkExpression(template).variables.filter((name) => name !== 'states');
  if (Array.isArray(template)) return template.flatMap(variablesOfTemplate);
  return isObject(template) ? Object.values(template).flatMap(variablesOfTemplate) : [];
}
