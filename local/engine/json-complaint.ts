/**
 * Why a text is not JSON, in the words of the service's parser (Jackson), as far as they are known from recordings;
 * undefined when it is JSON.
 */
export function jsonComplaint(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return complaint(text, error as Error);
  }
}

const anyValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

function complaint(text: string, error: Error): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'No content to map due to end-of-input';
  const word = /^[A-Za-z_$][\w$]*/.exec(trimmed)?.[0];
  if (word && !['true', 'false', 'null'].includes(word))
    return `Unrecognized token '${word}': was expecting ${anyValue}`;
  const position = Number(/position (\d+)/.exec(error.message)?.[1] ?? Number.NaN);
  const found = text[position];
  if (found === undefined) return 'Unexpected end-of-input';
  const before = text.slice(0, position).trimEnd().at(-1);
  const expected =
    before === '{' || (before === ',' && insideObject(text.slice(0, position)))
      ? 'double-quote to start field name'
      : `a valid value ${anyValue}`;
  return `Unexpected character ('${found}' (code ${found.charCodeAt(0)})): was expecting ${expected}`;
}

/** Whether the innermost open bracket of a prefix of a JSON text is a curly one. */
function insideObject(prefix: string): boolean {
  const open: string[] = [];
  for (const [token] of prefix.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(token);
    else if (token === '}' || token === ']') open.pop();
  }
  return open.at(-1) === '{';
}
