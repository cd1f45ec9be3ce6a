import { type Finding, shown } from './finding.ts';
import type { Catcher, Group, Process } from './process.ts';

/**
 * The undos of a step are registered before it runs: each Catcher gives `undo`, a literal list, the newest step's first. A process
 * can be started again when an earlier execution of it came further, so whoever catches any error gives the undos of every step
 * from there on too: they find nothing to do, or what nobody else would undo. A Catcher of named errors, which can say how far the
 * order came, may leave out those of later states, but none of the steps so far. Looks at every way from the start until a Catcher
 * gives its list; from there on the list is worked off.
 */
export function undoListFindings(process: Process): Finding[] {
  const { owed, findings } = walk(process);
  const lists = [...owed.values()];
  for (const [state, own] of owed) {
    const ofLater = lists.filter((list) => isSame(list.slice(list.length - own.length), own));
    const whole = ofLater.reduce(joined, own);
    for (const [index, catcher] of (process.definition.States[state]?.Catch ?? []).entries()) {
      const undo = catcher.Assign?.undo;
      if (undo === undefined && goesOn(catcher, own, process.definition)) continue;
      const expected = catcher.ErrorEquals.includes('States.ALL') ? whole : own;
      const allowed = catcher.ErrorEquals.includes('States.ALL') ? [whole] : ofLater;
      if (allowed.some((list) => isSame(undo, list))) continue;
      findings.push({ state, field: `Catch[${index}]/Assign/undo`, found: shown(undo), expected: shown(expected) });
    }
  }
  return findings;
}

/** What is newer on either list comes before what both have. */
function joined(list: readonly string[], other: readonly string[]): readonly string[] {
  return [...other.filter((undo) => !list.includes(undo)), ...list];
}

/** What is to be undone from each state on, should it fail. */
function walk({ definition, steps }: Process): { owed: Map<string, readonly string[]>; findings: Finding[] } {
  const findings: Finding[] = [];
  const owed = new Map<string, readonly string[]>();

  function enter(name: string, before: readonly string[]): void {
    const state = definition.States[name];
    // However many ways end there: who ends owes nothing.
    if (!state || state.Type === 'Fail') return;
    const undo = steps[name]?.undoneBy;
    const own = typeof undo === 'string' && !before.includes(undo) ? [undo, ...before] : before;
    const known = owed.get(name);
    if (known) {
      if (isSame(known, own)) return;
      const found = `ways through it with ${shown(known)} and with ${shown(own)} to undo`;
      findings.push({ state: name, found, expected: 'the same steps done on every way' });
      return;
    }
    owed.set(name, own);
    const goOn = (state.Catch ?? []).filter((catcher) => goesOn(catcher, own, definition));
    const nexts = [state.Next, state.Default, ...[...goOn, ...(state.Choices ?? [])].map(({ Next }) => Next)];
    for (const next of nexts) if (next !== undefined) enter(next, own);
  }

  enter(definition.StartAt, []);
  return { owed, findings };
}

/** Nothing is to be undone, or it is not forgotten: another Task goes on, or a person is called for. */
function goesOn({ Assign, Next }: Catcher, owed: readonly string[], { States }: Group): boolean {
  return Assign?.undo === undefined && (owed.length === 0 || ['Task', 'Fail'].includes(States[Next]?.Type ?? ''));
}

function isSame(found: unknown, expected: readonly string[]): boolean {
  return Array.isArray(found) && found.length === expected.length && expected.every((name, i) => found[i] === name);
}
