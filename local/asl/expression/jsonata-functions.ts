import jsonata from 'jsonata';
import { hashOf } from './hash.ts';
import type { IntrinsicSources } from './intrinsic-sources.ts';
import { randomOfSeed } from './seeded-random.ts';

/** What Step Functions adds to JSONata. https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
export function registerFunctions(expression: jsonata.Expression): void {
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:a>');
  expression.registerFunction('hash', hash, '<ss:s>');
  expression.registerFunction('parse', parse, '<s:j>');
}

function partition(array: unknown[] | undefined, size: number): unknown[] | undefined {
  const chunk = Math.floor(size);
  if (chunk < 1) throw new Error('The second argument of $partition must be a positive number');
  if (array === undefined) return undefined;
  return Array.from({ length: Math.ceil(array.length / chunk) }, (_, n) => array.slice(n * chunk, (n + 1) * chunk));
}

/** From `first` to `last`, both included. A range of one is that number, as with every other JSONata sequence. */
function range(first: number, last: number, delta: number): number[] | number | undefined {
  const [from, to, by] = [Math.floor(first), Math.floor(last), Math.floor(delta)];
  if (by === 0) throw new Error('The third argument of $range must not be zero');
  const length = Math.max(0, Math.floor((to - from) / by) + 1);
  // As JSONata bounds its own range operator.
  if (!(length <= 1e7)) throw new Error(`$range must not give more than 1e7 numbers, and these would be ${length}`);
  const numbers = Array.from({ length }, (_, n) => from + n * by);
  return numbers.length > 1 ? numbers : numbers[0];
}

function hash(text: string, algorithm: string): string {
  const found = hashOf(text, algorithm);
  if (found === undefined) throw new Error(`${JSON.stringify(algorithm)} is not a supported hash algorithm`);
  return found;
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

/** Formats times as JSONata's own `$now` does: it can not be told another time than the machine's. */
const fromMillis = jsonata('$fromMillis($at, $picture, $timezone)');

/** The functions whose values come from outside; bound anew for every evaluation, so that a replay can decide what they give. */
export function outsideFunctions({ random, uuid, at }: IntrinsicSources & { at: number }): Record<string, unknown> {
  return {
    random: (seed?: number) => (seed === undefined ? random() : randomOfSeed(seed)),
    uuid: () => uuid(),
    millis: () => at,
    now: (picture?: string, timezone?: string) =>
      picture === undefined ? new Date(at).toISOString() : fromMillis.evaluate(undefined, { at, picture, timezone }),
    // The service has no $eval; bound to nothing it fails as every other unknown function does.
    eval: undefined,
  };
}
