import { findNestingProblem } from './nesting.ts';

/** Where and why a text is no JSON, in the words of the parser that the service uses. */
export interface SyntaxProblem {
  /** "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')" */
  message: string;
  line: number;
  column: number;
}

const valueWanted = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

class Stop extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Undefined if the text is JSON (of any type). StartExecution's errors speak of its input in these words too. */
export function findSyntaxProblem(text: string): SyntaxProblem | undefined {
  const tooDeep = findNestingProblem(text);
  if (tooDeep) return { message: tooDeep.message, ...placeOf(text, tooDeep.offset) };
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    try {
      const scanner = new Scanner(text);
      scanner.value();
      scanner.end();
    } catch (stop) {
      if (stop instanceof Stop) return { message: stop.message, ...placeOf(text, stop.offset) };
      throw stop;
    }
    return { message: 'Invalid JSON', ...placeOf(text, text.length) };
  }
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Walks the text only as far as its first fault. */
class Scanner {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value() {
    const next = this.#peek();
    if (next === undefined) throw new Stop('Unexpected end-of-input: expected a value', this.#text.length);
    if (next === '{') return this.#members();
    if (next === '[') return this.#items();
    if (next === '"') return this.#string();
    const word = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(this.#text.slice(this.#at))?.[0];
    if (word !== undefined) {
      if (!['true', 'false', 'null'].includes(word)) {
        throw new Stop(`Unrecognized token '${word}': was expecting ${valueWanted}`, this.#at + word.length);
      }
      this.#at += word.length;
      return;
    }
    const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(this.#text.slice(this.#at))?.[0];
    if (number === undefined) throw this.#unexpected(next, `expected a valid value ${valueWanted}`);
    this.#at += number.length;
  }

  end() {
    const next = this.#peek();
    if (next !== undefined) throw this.#unexpected(next, 'was expecting end of input');
  }

  #members() {
    this.#at++;
    if (this.#peek() === '}') return this.#skip();
    for (;;) {
      this.#want('"', 'was expecting double-quote to start field name', 'Object');
      this.#string();
      this.#want(':', 'was expecting a colon to separate field name and value', 'Object');
      this.#at++;
      this.value();
      if (this.#peek() === '}') return this.#skip();
      this.#want(',', 'was expecting comma to separate Object entries', 'Object');
      this.#at++;
    }
  }

  #items() {
    this.#at++;
    if (this.#peek() === ']') return this.#skip();
    for (;;) {
      this.value();
      if (this.#peek() === ']') return this.#skip();
      this.#want(',', 'was expecting comma to separate Array entries', 'Array');
      this.#at++;
    }
  }

  #string() {
    const end = /^"(?:[^"\\]|\\.)*"/s.exec(this.#text.slice(this.#at))?.[0].length;
    if (end === undefined) {
      throw new Stop('Unexpected end-of-input: was expecting closing quote for a string value', this.#text.length);
    }
    this.#at += end;
  }

  #want(character: string, sentence: string, container: string) {
    const next = this.#peek();
    if (next === undefined) {
      throw new Stop(`Unexpected end-of-input: expected close marker for ${container}`, this.#text.length);
    }
    if (next !== character) throw this.#unexpected(next, sentence);
  }

  #unexpected(character: string, sentence: string): Stop {
    return new Stop(
      `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${sentence}`,
      this.#at + 1,
    );
  }

  #peek(): string | undefined {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '.')) this.#at++;
    return this.#text[this.#at];
  }

  #skip() {
    this.#at++;
  }
}
