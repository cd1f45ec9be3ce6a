import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, matchesGlob, resolve } from 'node:path';
import type { Case, Fixtures } from './case-format.ts';
import { parseKeepingNumbers } from './exact-json.ts';

/** All cases of a folder and the folders in it (or of one file), in the order of file names; `only` is a glob over ids. */
export function loadCases(path: string, only?: string): Case[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.json') && basename(file) !== 'fixtures.json')
        .sort()
        .map((file) => join(path, file))
    : [path];
  const cases = files.flatMap(readCases);
  return only === undefined ? cases : cases.filter(({ id }) => id === only || matchesGlob(id, only));
}

function readCases(file: string): Case[] {
  const text = readFileSync(file, 'utf8');
  const compared = JSON.parse(text) as Case[];
  // What is sent has its numbers as they were written: 1.0 is not 1 to the service.
  const sent = parseKeepingNumbers(text) as Case[];
  return compared.map((one, index) => ({
    ...one,
    ...pick(sent[index]!, 'definition', 'setup', 'steps'),
    runs: (one.runs ?? []).map((run, at) => ({ ...run, ...pick(sent[index]!.runs![at]!, 'literal') })),
    category: basename(file, '.json'),
  }));
}

/** `fixtures.json` beside the cases or in a folder above. */
export function findFixtures(path: string): string {
  let folder = resolve(statSync(path).isDirectory() ? path : dirname(path));
  for (;;) {
    const file = join(folder, 'fixtures.json');
    if (existsSync(file)) return file;
    const above = dirname(folder);
    if (above === folder) throw new Error(`No fixtures.json beside or above ${path}; name one with --fixtures.`);
    folder = above;
  }
}

export function readFixtures(file: string): Fixtures {
  return JSON.parse(readFileSync(file, 'utf8')) as Fixtures;
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in from).map((key) => [key, from[key]])) as Pick<T, K>;
}
