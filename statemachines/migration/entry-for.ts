import { variablesAt } from '../resume/live-variables.ts';
import { resumeStates } from '../resume/resume-definition.ts';
import { isWaiting } from '../resume/standing.ts';
import type { Group } from '../rules/process.ts';
import type { Mapping, MappingEntry } from './mapping.ts';

/**
 * The entry that speaks of a definition: the one whose file it was made from, whatever `${...}` was filled in with; otherwise the
 * one whose file has the same states with the same variables, for a retry that was changed, or a comment, moves nobody.
 * Undefined: there is none, and every state goes on in the one of its name. Several of the second kind are returned all.
 */
export function entriesFor(definition: string, mapping: Mapping): MappingEntry[] {
  const deployed = JSON.parse(definition);
  const exact = mapping.find(({ from }) => isMadeFrom(JSON.parse(from), deployed));
  if (exact) return [exact];
  const outline = outlineOf(deployed);
  return mapping.filter(({ from }) => outlineOf(JSON.parse(from)) === outline);
}

/** Whether a value is another one with its `${...}` filled in. */
function isMadeFrom(written: unknown, filled: unknown): boolean {
  if (typeof written === 'string') {
    if (typeof filled !== 'string') return false;
    const parts = written.split(/\$\{\w+\}/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's').test(filled);
  }
  if (typeof written !== 'object' || written === null) return written === filled;
  if (typeof filled !== 'object' || filled === null || Array.isArray(written) !== Array.isArray(filled)) return false;
  const names = Object.keys(written);
  if (names.length !== Object.keys(filled).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(filled, name) &&
      isMadeFrom((written as Record<string, unknown>)[name], (filled as Record<string, unknown>)[name]),
  );
}

/** What matters to an execution that stands in a state of it, also in the resume machine that is made of it. */
function outlineOf(definition: Group): string {
  const variables = variablesAt(definition);
  return JSON.stringify(
    Object.entries(definition.States)
      .filter(([name]) => !Object.values<string>(resumeStates).includes(name))
      .map(([name, state]) => [name, state.Type, isWaiting(state), variables.get(name)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
}
