/**
 * An engine in a process of its own that kills itself, the hard way, at a given point. Run as
 * `node test/support/killed-engine.ts <state folder> <executions> <point>`; points: `before commit <n>`, `after commit <n>`,
 * `before effect <n>`, `after effect <n>`, `never`. Prints a line for everything that it was promised. With `redrive` as a fourth
 * argument the executions are not started but redriven.
 */
import { appendFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClock } from '../../local/engine/clock.ts';
import { openEngine } from '../../local/engine/engine.ts';
import { openJournal } from '../../local/engine/journal.ts';
import type { RunTask } from '../../local/engine/task-runner.ts';

export const effectsFile = (stateDir: string) => join(stateDir, 'effects');

/** Leaves a trace outside of the journal, as a real step would. */
export function effect(stateDir: string, onEffect: (when: 'before' | 'after') => void = () => {}): RunTask {
  return async (task, { executionArn, started }) => {
    started();
    onEffect('before');
    appendFileSync(effectsFile(stateDir), `${executionArn.split(':').at(-1)} ${task.stateName}\n`);
    onEffect('after');
    return { type: 'taskSucceeded', output: task.parameters };
  };
}

const die = () => process.kill(process.pid, 'SIGKILL');

/** Counts down at each of its calls; dies at the last one. */
function countdown(point: string, name: string): (when: 'before' | 'after') => void {
  const [, pointWhen, count] = new RegExp(`^(before|after) ${name} (\\d+)$`).exec(point) ?? [];
  let left = Number(count);
  return (when) => {
    if (when !== pointWhen) return;
    left -= 1;
    if (left === 0) die();
  };
}

export function dieAtCommit(point: string): void {
  const atCommit = countdown(point, 'commit');
  const prepare = DatabaseSync.prototype.prepare;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    const statement = prepare.call(this, sql);
    if (sql !== 'COMMIT') return statement;
    const run = statement.run.bind(statement);
    statement.run = () => {
      atCommit('before');
      const result = run();
      atCommit('after');
      return result;
    };
    return statement;
  };
}

if (import.meta.main) {
  const [stateDir = '', executions = '1', point = 'never', request = 'start'] = process.argv.slice(2);
  const say = (line: string) => writeSync(1, `${line}\n`);
  dieAtCommit(point);
  const engine = openEngine({
    journal: openJournal(stateDir),
    clock: createClock(),
    tasks: { run: effect(stateDir, countdown(point, 'effect')), supports: () => true },
  });
  engine.resume();
  const stateMachineArn = engine.stateMachines.list()[0]!.arn;
  await Promise.all(
    Array.from({ length: Number(executions) }, async (_, index) => {
      const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:x${index}`;
      if (request === 'redrive') await engine.executions.redrive({ executionArn });
      else await engine.executions.start({ stateMachineArn, name: `x${index}` });
      say(`started ${executionArn}`);
      const { status } = await engine.executions.ended(executionArn);
      say(`${status} ${executionArn}`);
    }),
  );
  die();
}
