import type { WaitRow } from '../wait-row.ts';
import { remindersName, timeoutName } from '../wait-substitutions.ts';
import { type Finding, shown } from './finding.ts';
import { isWait, type Process, type State, statesIn } from './process.ts';

/**
 * A row for each state that waits, a state for each row, and all times from the row: the state's own timeout and what
 * its message says of it are one substitution, so that nobody is told a deadline that does not hold.
 */
export function waitFindings({ definition, waits }: Process): Finding[] {
  const waiting = new Map(statesIn(definition).filter(([, state]) => isWait(state)));
  return [
    ...[...waiting].flatMap(([name, state]) => stateFindings(name, state, waits[name])),
    ...Object.entries(waits).flatMap(([state, row]) => {
      const times = rowFindings(state, row, waiting.get(state));
      if (waiting.has(state)) return times;
      return [
        { state, found: 'a row in the waits', expected: 'a state of this name that waits for its token' },
        ...times,
      ];
    }),
  ];
}

function stateFindings(state: string, { TimeoutSeconds, Arguments }: State, row: WaitRow | undefined): Finding[] {
  const noRow = row ? [] : [{ state, found: 'a state that waits for its token', expected: 'its row in the waits' }];
  const { timeoutSeconds, remindAfterSeconds } = Arguments?.MessageBody ?? {};
  const fields: [field: string, found: unknown, name: string][] = [
    ['TimeoutSeconds', TimeoutSeconds, timeoutName(state)],
    ['Arguments/MessageBody/timeoutSeconds', timeoutSeconds, timeoutName(state)],
    ['Arguments/MessageBody/remindAfterSeconds', remindAfterSeconds, remindersName(state)],
  ];
  return [
    ...noRow,
    ...fields.flatMap(([field, found, name]) => {
      const expected = `{% \${${name}} %}`;
      return found === expected ? [] : [{ state, field, found: shown(found), expected: shown(expected) }];
    }),
  ];
}

function rowFindings(state: string, row: WaitRow, waiting: State | undefined): Finding[] {
  const { timeoutSeconds, remindAfterSeconds: reminders } = row;
  const findings: Finding[] = [];
  if (!isSeconds(timeoutSeconds)) {
    findings.push({
      state,
      field: 'timeoutSeconds',
      found: shown(timeoutSeconds),
      expected: 'whole seconds, at least 1',
    });
  }
  const inOrder = reminders.every((at, i) => isSeconds(at) && at > (reminders[i - 1] ?? 0) && at < timeoutSeconds);
  if (!inOrder) {
    const expected = `whole seconds, ascending, all before the timeout of ${timeoutSeconds} s`;
    findings.push({ state, field: 'remindAfterSeconds', found: shown(reminders), expected });
  }
  if (reminders.length > 0 && waiting && waiting.Arguments?.MessageBody?.contact === undefined) {
    findings.push({ state, field: 'remindAfterSeconds', found: shown(reminders), expected: '[]: nobody is asked' });
  }
  return findings;
}

const isSeconds = (value: number) => Number.isInteger(value) && value > 0;
