/**
 * A JSON text without the blanks between its tokens. The text is not parsed and written anew: that would turn 1.0 into 1 and
 * round large integers, which the service does not do.
 */
export function compactJson(text: string): string {
  if (!/\s/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (token) => (token.startsWith('"') ? token : ''));
}
