import { isDeepStrictEqual } from 'node:util';
import type { DefinitionFacts, FunctionVersionName } from './definition-facts.ts';

/** What one version of a process has otherwise than another one. */
export interface DefinitionDiff {
  added: string[];
  removed: string[];
  /** States that both have, with the names of their fields that differ. */
  changed: { state: string; fields: string[] }[];
  /** Fields of the machine itself that differ: StartAt, TimeoutSeconds, Comment. */
  machine: string[];
  /** Steps that both have, whose Lambda runs other code. */
  code: string[];
  /** The same code with another configuration: environment, memory, timeout. */
  configuration: string[];
  /** Other versions, of which one is deleted: nobody can tell any more. */
  unknown: string[];
}

/** The code of a version of a Lambda, or nothing if there is no such version. */
export type CodeOf = (version: FunctionVersionName) => string | undefined;

export function diffDefinitions(before: DefinitionFacts, after: DefinitionFacts, codeOf: CodeOf): DefinitionDiff {
  const both = [...after.states.keys()].filter((name) => before.states.has(name));
  const diff: DefinitionDiff = {
    added: [...after.states.keys()].filter((name) => !before.states.has(name)),
    removed: [...before.states.keys()].filter((name) => !after.states.has(name)),
    changed: both
      .map((state) => ({ state, fields: differing(before.states.get(state)!, after.states.get(state)!) }))
      .filter(({ fields }) => fields.length > 0),
    machine: differing(before.machine, after.machine),
    code: [],
    configuration: [],
    unknown: [],
  };
  for (const step of both) {
    const [was, is] = [before.functions.get(step), after.functions.get(step)];
    if (!was || !is || was === is) continue;
    const [codeThen, codeNow] = [codeOf(was), codeOf(is)];
    if (codeThen === undefined || codeNow === undefined) diff.unknown.push(step);
    else if (codeThen === codeNow) diff.configuration.push(step);
    else diff.code.push(step);
  }
  return diff;
}

function differing(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): string[] {
  const fields = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return fields.filter((field) => !isDeepStrictEqual(one[field], other[field]));
}

/** One line per kind of change, for people; none if there is no change. */
export function describeDiff({ changed, ...diff }: DefinitionDiff): string[] {
  const kinds: [string, string[]][] = [
    ['states added', diff.added],
    ['states removed', diff.removed],
    ['states changed', changed.map(({ state, fields }) => `${state} (${fields.join(', ')})`)],
    ['machine changed', diff.machine],
    ['code changed', diff.code],
    ['configuration changed', diff.configuration],
    ['another Lambda version, of which one is gone', diff.unknown],
  ];
  return kinds.filter(([, names]) => names.length > 0).map(([kind, names]) => `${kind}: ${names.join(', ')}`);
}
