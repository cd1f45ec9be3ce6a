/** StringMatches: `*` stands for any number of characters, `\*` for an asterisk, `\\` for a backslash. */
export function matchesWildcards(text: string, pattern: string): boolean {
  const parts = splitAtWildcards(pattern);
  const first = parts[0]!;
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  const last = parts.at(-1)!;
  // Taking the first place for every part in between leaves most to the rest, so no other choice can do better.
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function splitAtWildcards(pattern: string): string[] {
  const parts = [''];
  for (const [token] of pattern.matchAll(/\\[*\\]|./gs)) {
    if (token === '*') parts.push('');
    else parts[parts.length - 1] += token.length === 2 ? token.slice(1) : token;
  }
  return parts;
}
