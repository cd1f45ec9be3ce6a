/**
 * An engine whose executions end the same however often it is killed: what a task answers depends on its state and its parameters
 * alone. Run as `node test/local/fuzz/settled-engine.ts <state folder> <seed> <point>` it kills itself at that point
 * (see test/support/killed-engine.ts).
 */
import { createClock } from '../../../local/engine/clock.ts';
import { type Engine, openEngine } from '../../../local/engine/engine.ts';
import { clockOffset, openFacts } from '../../../local/engine/facts.ts';
import { openJournal } from '../../../local/engine/journal.ts';
import { ServiceError } from '../../../local/engine/ports.ts';
import type { RunTask } from '../../../local/engine/task-runner.ts';
import { dieAtCommit } from '../../support/killed-engine.ts';
import { expectSoundHistory } from './fuzz-driver.ts';
import { drawn } from './task-reports.ts';
import { kept } from './values.ts';

/** How an execution ended. */
export type End = [name: string, status: string, output: string | null, error: string | null];

const inputs = { x1: kept, x2: { ...kept, n: 1 }, x3: { ...kept, n: 3, a: false } };
const longerThanAll = 30 * 24 * 3600 * 1000;

/** Numbers of events are in the sentences of some errors, and depend on the order in which tasks answer. */
const withoutEventIds = (text: string) => text.replaceAll(/#\d+/g, '#');

function settledTasks(seed: number): RunTask {
  return async (task, { started, submitted, engine }) => {
    const draw = drawn(seed, task.stateName, withoutEventIds(task.parameters));
    const waits = /\.(sync(:2)?|waitForTaskToken)$/.test(task.resource);
    const output = JSON.stringify({ ...kept, n: 1 + (draw % 3) });
    if (draw % 7 > 0) started('worker');
    if (waits && draw % 5 > 0) submitted('{}');
    if (draw % 6 === 0) return { type: 'taskFailed', error: 'Flaky', cause: 'as drawn' };
    // Never heard of again: its time runs out.
    if (draw % 6 === 1) return { type: 'awaitingCallback' };
    if (!waits || draw % 2 === 0) return { type: 'taskSucceeded', output };
    await engine.callbacks.succeed(task.taskToken, output).catch(ignoreLate);
    return { type: 'awaitingCallback' };
  };
}

/** The journal of an engine that was killed may have the answer already. */
function ignoreLate(error: unknown): void {
  if (!(error instanceof ServiceError && error.name === 'TaskTimedOut')) throw error;
}

export interface SettledEngine {
  engine: Engine;
  /** Everything that was complained about. */
  complaints: string[];
  /** Starts what is not running yet, lets time pass until all of it has ended, and says how. */
  run(): Promise<End[]>;
  close(): void;
}

export function openSettledEngine(stateDir: string, seed: number): SettledEngine {
  const journal = openJournal(stateDir);
  const wallNow = () => Date.UTC(2030, 0, 1);
  const clock = createClock({ offset: clockOffset(openFacts(journal)), wallNow });
  const complaints: string[] = [];
  const engine = openEngine({
    journal,
    clock,
    tasks: { run: settledTasks(seed), supports: () => true },
    random: () => 0.5,
    log: (message) => complaints.push(message),
  });
  return {
    engine,
    complaints,
    async run() {
      engine.resume();
      const stateMachineArn = engine.stateMachines.list()[0]!.arn;
      const arns = await Promise.all(
        Object.entries(inputs).map(([name, input]) => startOnce(engine, stateMachineArn, name, JSON.stringify(input))),
      );
      await clock.advance(longerThanAll);
      return Promise.all(arns.map((arn) => endOf(engine, arn)));
    },
    close() {
      engine.stop();
      clock.close();
      journal.close();
    },
  };
}

/** As a client does that does not know whether its first request was heard. */
async function startOnce(engine: Engine, stateMachineArn: string, name: string, input: string): Promise<string> {
  try {
    return (await engine.executions.start({ stateMachineArn, name, input })).executionArn;
  } catch (error) {
    if (!(error instanceof ServiceError && error.name === 'ExecutionAlreadyExists')) throw error;
    return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  }
}

async function endOf({ executions }: Engine, arn: string): Promise<End> {
  const row = executions.get(arn);
  const { name, status, output, error } = row;
  expectSoundHistory(executions.history(row, { limit: 30_000, reverse: false }).events);
  return [name, status, output && withoutEventIds(output), error];
}

if (import.meta.main) {
  const [stateDir = '', seed = '0', point = 'never'] = process.argv.slice(2);
  dieAtCommit(point);
  await openSettledEngine(stateDir, Number(seed)).run();
  process.kill(process.pid, 'SIGKILL');
}
