/**
 * How deep a JSON text may go: the limit, and the sentence, of the parser that the service uses (Jackson's StreamReadConstraints).
 * Here it keeps everything that walks through values from running out of stack.
 */
const deepest = 1000;

/** What is wrong with the nesting of a text, and where it goes too deep; undefined if nothing is. The text need not be JSON. */
export function findNestingProblem(text: string): { message: string; offset: number } | undefined {
  if (countUpTo(deepest + 1, text, '[', countUpTo(deepest + 1, text, '{')) <= deepest) return undefined;
  let depth = 0;
  let inString = false;
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (inString) {
      if (code === backslash) offset++;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openBracket || code === openBrace) {
      depth++;
      if (depth > deepest) return { message, offset };
    } else if (code === closeBracket || code === closeBrace) depth--;
  }
  return undefined;
}

/** Far faster than to walk through the text, and most texts have fewer brackets than that. */
function countUpTo(most: number, text: string, character: string, before = 0): number {
  let count = before;
  for (let at = text.indexOf(character); at >= 0 && count < most; at = text.indexOf(character, at + 1)) count++;
  return count;
}

const message = `Document nesting depth (${deepest + 1}) exceeds the maximum allowed (${deepest}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`;

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
