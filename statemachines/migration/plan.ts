import { withoutCarriedExecution } from '../resume/execution-context.ts';
import { countsThisExecution, variablesAt } from '../resume/live-variables.ts';
import { holdsStates, isWaiting } from '../resume/standing.ts';
import { type Finding, shown } from '../rules/finding.ts';
import type { Group, State } from '../rules/process.ts';
import { entriesFor } from './entry-for.ts';
import { expressionFindings } from './expressions.ts';
import type { MappedState, Mapping, MappingEntry } from './mapping.ts';

/** Where an execution that stands in a state goes on. */
export interface Target {
  to: string;
  /** Absent: it is entered with the input that it had. */
  input?: unknown;
  /** Variables that it takes along under their names. */
  carried: readonly string[];
  /** Those that are computed. */
  variables: Readonly<Record<string, unknown>>;
}

export interface Plan {
  /** By the state of the old definition. */
  targets: Readonly<Record<string, Target>>;
  /** Why there is no target, for every other state of it. That stops nobody unless an execution stands there. */
  without: Readonly<Record<string, string>>;
  /** Which entry of the mapping was followed; absent: every state goes on in the one of its name. */
  entry?: string;
  /** If there is one, nothing is to be moved. */
  findings: readonly Finding[];
}

/**
 * Where executions of one definition go on in another. Both as text: files with their `${...}`, or what is deployed (of the new one the
 * definition of the process, not that of its resume machine). Every state in which an execution can wait must have a target, and
 * every variable that is assigned on each way to the target must be there or be computed.
 */
export function planFor(oldDefinition: string, newDefinition: string, mapping: Mapping): Plan {
  const entries = entriesFor(oldDefinition, mapping);
  const [entry] = entries;
  if (entries.length > 1) {
    const found = `${entries.map(({ place }) => place).join(' and ')} from definitions with the same states`;
    const expected = 'one of them, or one from the very definition that executions are moved from';
    return { targets: {}, without: {}, findings: [{ found, expected }] };
  }
  return planOf(JSON.parse(oldDefinition), JSON.parse(newDefinition), entry);
}

export function planOf(from: Group, to: Group, entry: MappingEntry | undefined): Plan {
  const targets: Record<string, Target> = {};
  const without: Record<string, string> = {};
  const findings: Finding[] = entry ? entryFindings(from, entry) : [];
  const [before, after] = [variablesAt(from), variablesAt(to)];

  for (const [name, state] of Object.entries(from.States)) {
    const mapped = entry?.states[name];
    const { to: next, input, variables = {} } = mapped ?? { to: name };
    const problems = targetProblems(name, state, to.States[next], mapped);
    const has = before.get(name)?.definite ?? [];
    const needs = (after.get(next)?.definite ?? []).filter((variable) => !countsThisExecution(variable));
    const carried = needs.filter((variable) => !Object.hasOwn(variables, variable) && has.includes(variable));
    problems.push(...variableProblems(next, needs, new Set([...carried, ...Object.keys(variables)])));
    if (problems.length === 0) {
      targets[name] = { to: next, ...(input !== undefined && { input }), carried, variables };
      continue;
    }
    without[name] = problems.map(({ found, expected }) => `found ${found}, expected ${expected}`).join('; ');
    // Nobody waits in the others. An entry says that somebody thought of it.
    if (isWaiting(state) || mapped) {
      const place = entry ? `${entry.place}/states/${name}` : undefined;
      for (const { field, ...problem } of problems) {
        const fields = [place, field].filter((part) => part !== undefined);
        findings.push({ state: name, ...(fields.length > 0 && { field: fields.join('/') }), ...problem });
      }
    }
  }
  return { targets, without, ...(entry && { entry: entry.place }), findings };
}

function entryFindings({ States }: Group, { place, states }: MappingEntry): Finding[] {
  return Object.entries(states).flatMap(([state, mapped]) => {
    const field = `${place}/states/${state}`;
    if (!Object.hasOwn(States, state)) {
      return [
        { state, field, found: 'an entry', expected: 'a state of this name in the definition that is mapped from' },
      ];
    }
    return expressionFindings(mapped).map(({ field: inner, ...finding }) => ({
      state,
      field: `${field}/${inner}`,
      ...finding,
    }));
  });
}

function targetProblems(
  name: string,
  state: State,
  target: State | undefined,
  mapped: MappedState | undefined,
): Finding[] {
  if (!target) {
    const found = `no state ${mapped?.to ?? name} in the new definition`;
    return [{ ...(mapped && { field: 'to' }), found, expected: 'a state in which its executions go on' }];
  }
  if (holdsStates(state) && !mapped) {
    return [{ found: 'states within it', expected: 'an entry that says where to go on: all of it would begin again' }];
  }
  const [was, is] = [waitIdOf(state), waitIdOf(target)];
  if (was === undefined || is === undefined || is === was || mapped?.anotherWait) return [];
  const expected = `the waitId ${shown(was)}, so that links stay valid, or anotherWait with the reason`;
  return [{ found: `the waitId ${shown(is)} in ${mapped?.to ?? name}`, expected }];
}

/** As the process writes it, also if the state is one of its resume machine. */
function waitIdOf({ Arguments }: State): unknown {
  const waitId = Arguments?.MessageBody?.waitId;
  return typeof waitId === 'string' ? withoutCarriedExecution(waitId) : waitId;
}

function variableProblems(to: string, needs: readonly string[], given: ReadonlySet<string>): Finding[] {
  return [
    ...needs
      .filter((variable) => !given.has(variable))
      .map((variable) => ({
        field: `variables/${variable}`,
        found: 'nothing',
        expected: `what ${to} needs in $${variable}`,
      })),
    ...[...given]
      .filter((variable) => !needs.includes(variable))
      .map((variable) => ({
        field: `variables/${variable}`,
        found: 'a variable',
        expected: `one that is assigned on every way to ${to}`,
      })),
  ];
}
