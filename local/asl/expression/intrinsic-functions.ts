import { hashOf } from './hash.ts';
import { IntrinsicRefused } from './intrinsic-refused.ts';
import type { IntrinsicSources } from './intrinsic-sources.ts';
import { isEqual, isObject, type Json } from './json-text.ts';
import { randomOfSeed } from './seeded-random.ts';

/**
 * Every intrinsic function but `Format`, which needs to see its arguments as written.
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export const intrinsicFunctions: Record<string, (list: Json[], sources: IntrinsicSources) => Json> = {
  Array: (items) => items,
  ArrayContains: ([array, value]) => arrayFrom(array).some((item) => isEqual(item, value!)),
  ArrayGetItem([array, index]) {
    const item = arrayFrom(array)[integerFrom(index)];
    if (item === undefined) throw new IntrinsicRefused(`Index ${index} is out of the bounds of the array`);
    return item;
  },
  ArrayLength: ([array]) => arrayFrom(array).length,
  ArrayPartition([array, size]) {
    const items = arrayFrom(array);
    const chunk = Math.floor(numberFrom(size));
    if (chunk < 1) throw new IntrinsicRefused('The chunk size must be a positive number');
    return Array.from({ length: Math.ceil(items.length / chunk) }, (_, n) => items.slice(n * chunk, (n + 1) * chunk));
  },
  ArrayRange([first, last, step]) {
    const [from, to, by] = [integerFrom(first), integerFrom(last), integerFrom(step)];
    if (by === 0) throw new IntrinsicRefused('The increment must not be zero');
    const length = Math.max(0, Math.floor((to - from) / by) + 1);
    if (length > 1000) throw new IntrinsicRefused('The range must not have more than 1000 items');
    return Array.from({ length }, (_, n) => from + n * by);
  },
  ArrayUnique: ([array]) =>
    arrayFrom(array).filter((item, index, items) => items.findIndex((other) => isEqual(other, item)) === index),
  Base64Decode: ([text]) => Buffer.from(shortStringFrom(text), 'base64').toString('utf8'),
  Base64Encode: ([text]) => Buffer.from(shortStringFrom(text), 'utf8').toString('base64'),
  Hash([data, algorithm]) {
    const hash = hashOf(typeof data === 'string' ? data : JSON.stringify(data), algorithm);
    if (hash === undefined)
      throw new IntrinsicRefused(`${JSON.stringify(algorithm)} is not a supported hash algorithm`);
    return hash;
  },
  JsonMerge([first, second, deep]) {
    if (!isObject(first) || !isObject(second)) throw new IntrinsicRefused('Only objects can be merged');
    if (deep !== false)
      throw new IntrinsicRefused('Only shallow merging is supported: the third argument must be false');
    return { ...first, ...second };
  },
  JsonToString: ([value]) => JSON.stringify(value),
  MathAdd: ([a, b]) => integerFrom(a) + integerFrom(b),
  MathRandom([first, end, seed], { random }) {
    const [from, to] = [integerFrom(first), integerFrom(end)];
    if (from >= to) throw new IntrinsicRefused('The start of the range must be less than its end');
    return from + Math.floor((seed === undefined ? random() : randomOfSeed(integerFrom(seed))) * (to - from));
  },
  StringSplit([text, delimiters]) {
    // Every character of the second argument is a delimiter of its own, and nothing between two of them is no part.
    const between = new Set(stringFrom(delimiters));
    const parts = [''];
    for (const character of stringFrom(text)) {
      if (between.has(character)) parts.push('');
      else parts[parts.length - 1] += character;
    }
    return parts.filter((part) => part !== '');
  },
  StringToJson([text]) {
    const json = stringFrom(text);
    if (json.trim() === '') return null;
    try {
      return JSON.parse(json);
    } catch (error) {
      throw new IntrinsicRefused(`The argument is not a JSON text: ${(error as Error).message}`);
    }
  },
  UUID: (_, { uuid }) => uuid(),
};

function arrayFrom(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw wrongType('an array', value);
  return value;
}

function stringFrom(value: Json | undefined): string {
  if (typeof value !== 'string') throw wrongType('a string', value);
  return value;
}

function shortStringFrom(value: Json | undefined): string {
  const text = stringFrom(value);
  if (text.length > 10_000) throw new IntrinsicRefused('The argument must not have more than 10,000 characters');
  return text;
}

function numberFrom(value: Json | undefined): number {
  if (typeof value !== 'number') throw wrongType('a number', value);
  return value;
}

/** Halves are rounded up, negative ones too: -1.5 becomes -1, as Java's Math.round does it. */
function integerFrom(value: Json | undefined): number {
  return Math.round(numberFrom(value));
}

function wrongType(expected: string, value: Json | undefined): IntrinsicRefused {
  return new IntrinsicRefused(`Expected ${expected}, but was: ${JSON.stringify(value)}`);
}
