import { Problem } from './problem-json.ts';

/** A query parameter that must be one of a few words. 400 names them. */
export function oneOf<const Word extends string>(
  parameter: string,
  words: readonly Word[],
  found: string | undefined,
): Word {
  const word = words.find((known) => known === found);
  if (word !== undefined) return word;
  throw new Problem(
    400,
    'invalid-parameter',
    `The parameter ${parameter} does not fit`,
    'Name one of those expected.',
    {
      errors: [{ parameter, found: found?.slice(0, 80) ?? 'nothing', expected: `one of ${words.join(', ')}` }],
    },
  );
}
