/** JSONata's own functions: `$sum` on its own is a value, not a variable of the workflow. */
const functions = new Set(
  `sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains
   replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not
   map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct
   base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis clone now millis
   partition range hash uuid parse`.split(/\s+/),
);

/** The names of the variables that a parsed expression takes from outside, each once, in the order of the text. */
export function variablesIn(ast: unknown): string[] {
  const used = new Set<string>();
  const defined = new Set<string>();
  visit(ast, used, defined);
  return [...used].filter((name) => !defined.has(name) && !functions.has(name));
}

/**
 * Scopes are not told apart: a name that the expression defines anywhere counts as its own everywhere.
 * A workflow variable that is hidden like this is hard to read for people as well.
 */
function visit(node: unknown, used: Set<string>, defined: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) visit(item, used, defined);
    return;
  }
  const { type, value, lhs, arguments: parameters, focus, index } = node as Record<string, unknown>;
  // `$` and `$$`, the current and the outermost item, are no variables.
  if (type === 'variable' && typeof value === 'string' && value !== '' && value !== '$') used.add(value);
  if (type === 'bind') defined.add((lhs as { value: string }).value);
  if (type === 'lambda') for (const parameter of parameters as { value: string }[]) defined.add(parameter.value);
  // `items@$item` and `items#$index`
  if (typeof focus === 'string') defined.add(focus);
  if (typeof index === 'string') defined.add(index);
  if (type === 'index') defined.add(String(value));
  for (const member of Object.values(node)) visit(member, used, defined);
}
