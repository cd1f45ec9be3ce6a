/** Deeper than any body of ours; a body that nests more is an attack or a mistake. */
export const maxDepth = 16;

/** What is wrong with a text that should be JSON; `pointer` says where, if that is known. */
export class NotStrictJson extends Error {
  override readonly name = 'NotStrictJson';
  readonly pointer: string;
  constructor(message: string, pointer = '') {
    super(message);
    this.pointer = pointer;
  }
}

/**
 * JSON.parse that also refuses what JSON.parse lets pass silently: a member that occurs twice (which of the two the
 * sender meant is anybody's guess), nesting beyond `maxDepth`, and half of a character (`\ud800` alone), which no table
 * and no service takes: what was accepted with one could never be written down. Throws `NotStrictJson`.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new NotStrictJson((error as SyntaxError).message);
  }
  scan(text);
  return value;
}

/** An object's names so far and the one it is at, or an array's index. */
interface Level {
  at: string | number;
  names?: Set<string>;
  nameIsNext?: boolean;
}

/** One pass over a text that JSON.parse accepted, so that only strings, braces, brackets and commas matter. */
function scan(text: string): void {
  const open: Level[] = [];
  for (let i = 0; i < text.length; i++) {
    const level = open.at(-1);
    switch (text[i]) {
      case '{':
      case '[':
        open.push(text[i] === '{' ? { names: new Set(), at: '', nameIsNext: true } : { at: 0 });
        if (open.length > maxDepth) throw new NotStrictJson(`nested deeper than ${maxDepth} levels`);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (typeof level!.at === 'number') level!.at += 1;
        else level!.nameIsNext = true;
        break;
      case '"': {
        const end = endOfString(text, i);
        if (level?.names && level.nameIsNext) {
          level.nameIsNext = false;
          level.at = JSON.parse(text.slice(i, end)) as string;
          if (level.names.has(level.at)) throw new NotStrictJson('this member occurs twice', pointerOf(open));
          level.names.add(level.at);
        }
        if (!isWhole(text.slice(i, end)))
          throw new NotStrictJson('half of a character', pointerOf(open).toWellFormed());
        i = end - 1;
        break;
      }
    }
  }
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** The text itself is UTF-8, so that only an escape can hold one half of a pair. */
const isWhole = (string: string) => !string.includes('\\u') || (JSON.parse(string) as string).isWellFormed();

const pointerOf = (open: readonly Level[]) => jsonPointer(open.map((level) => level.at));

/** RFC 6901. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
