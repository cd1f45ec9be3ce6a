import { accept, type Cursor, expect, match, skipBlanks, unexpected } from './cursor.ts';
import { InvalidExpression } from './errors.ts';
import { parsePathAt } from './json-path-parser.ts';
import type { Json } from './json-text.ts';

export interface IntrinsicCall {
  /** Without `States.`. */
  name: string;
  arguments: IntrinsicArgument[];
  /** As written: causes quote it. */
  text: string;
}

export type IntrinsicArgument =
  /** `template`: a string literal before its escapes were resolved, which `Format` needs to tell `{}` from `\{\}`. */
  | { type: 'literal'; value: Json; template?: string }
  | { type: 'path'; path: string; variable?: string }
  | { type: 'call'; call: IntrinsicCall };

/** How many arguments each function takes, from and to. */
const arity: Record<string, [number, number]> = {
  Array: [0, Number.POSITIVE_INFINITY],
  ArrayContains: [2, 2],
  ArrayGetItem: [2, 2],
  ArrayLength: [1, 1],
  ArrayPartition: [2, 2],
  ArrayRange: [3, 3],
  ArrayUnique: [1, 1],
  Base64Decode: [1, 1],
  Base64Encode: [1, 1],
  Format: [1, Number.POSITIVE_INFINITY],
  Hash: [2, 2],
  JsonMerge: [3, 3],
  JsonToString: [1, 1],
  MathAdd: [2, 2],
  MathRandom: [2, 3],
  StringSplit: [2, 2],
  StringToJson: [1, 1],
  UUID: [0, 0],
};

const functionName = /States\.([A-Za-z0-9]+)/y;
// The only escapes that there are; `\"` makes the whole definition invalid.
const stringLiteral = /'((?:[^'\\]|\\['{}\\])*)'/y;
const plainLiteral = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;

const parsed = new Map<string, IntrinsicCall>();

/**
 * Parses a call such as `States.Format('Hi {}', $.name)`.
 * @throws InvalidExpression
 */
export function parseIntrinsic(text: string): IntrinsicCall {
  const known = parsed.get(text);
  if (known) return known;
  const cursor: Cursor = { text, at: 0 };
  const call = parseCall(cursor);
  skipBlanks(cursor);
  if (cursor.at < text.length) throw unexpected(cursor, 'the end');
  if (parsed.size >= 10_000) parsed.clear();
  parsed.set(text, call);
  return call;
}

function parseCall(cursor: Cursor): IntrinsicCall {
  const start = cursor.at;
  const name = match(cursor, functionName)?.[1];
  const bounds = name === undefined || !Object.hasOwn(arity, name) ? undefined : arity[name];
  if (name === undefined || bounds === undefined) throw unexpected(cursor, 'an intrinsic function');
  const list = parseArguments(cursor);
  if (list.length < bounds[0] || list.length > bounds[1]) {
    throw new InvalidExpression(`'${cursor.text}': States.${name} does not take ${list.length} arguments`);
  }
  return { name, arguments: list, text: cursor.text.slice(start, cursor.at) };
}

function parseArguments(cursor: Cursor): IntrinsicArgument[] {
  const list: IntrinsicArgument[] = [];
  skipBlanks(cursor);
  expect(cursor, '(');
  skipBlanks(cursor);
  if (accept(cursor, ')')) return list;
  do {
    skipBlanks(cursor);
    list.push(parseArgument(cursor));
    skipBlanks(cursor);
  } while (accept(cursor, ','));
  expect(cursor, ')');
  return list;
}

function parseArgument(cursor: Cursor): IntrinsicArgument {
  const start = cursor.at;
  if (cursor.text[start] === '$') {
    const { root } = parsePathAt(cursor);
    const argument: IntrinsicArgument = { type: 'path', path: cursor.text.slice(start, cursor.at) };
    if (typeof root === 'object') argument.variable = root.variable;
    return argument;
  }
  const string = match(cursor, stringLiteral);
  if (string) return { type: 'literal', value: string[1]!.replace(/\\(.)/gs, '$1'), template: string[1]! };
  const plain = match(cursor, plainLiteral);
  return plain ? { type: 'literal', value: JSON.parse(plain[0]) } : { type: 'call', call: parseCall(cursor) };
}
