/**
 * State transitions a second of the engine alone: Pass and Choice states, the durable journal, nothing else. Beside it the
 * floor, measured on the same disk in the same run: what bare SQLite commits, one row at a time and 64 rows at a time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClock } from '../local/engine/clock.ts';
import { openEngine } from '../local/engine/engine.ts';
import { openJournal } from '../local/engine/journal.ts';
import { inParallel } from './statistics.ts';

export interface EngineTransitionsResult {
  /** States entered a second, all of them in the journal before the execution counts as ended. */
  transitionsPerSecondWith64InFlight: number;
  transitionsPerSecondWith1InFlight: number;
  executionsPerSecondWith64InFlight: number;
  statesPerExecution: number;
  /** Five Tasks that are answered at once: each is scheduled, started and succeeded, durably one after the other. */
  taskWorkflowsPerSecondWith64InFlight: number;
  sqliteCommitsPerSecond: number;
  sqliteRowsPerSecondWith64PerCommit: number;
}

const pairs = 10;

/** Pass, Choice, Pass, Choice, ... Succeed, in JSONata, with the data handed on. */
function passAndChoice(): string {
  const states: Record<string, object> = { Done: { Type: 'Succeed' } };
  for (let n = 1; n <= pairs; n += 1) {
    states[`Pass${n}`] = { Type: 'Pass', Output: '{% $states.input %}', Next: `Choice${n}` };
    const next = n < pairs ? `Pass${n + 1}` : 'Done';
    const choice = { Condition: '{% $states.input.quantity > 3 %}', Next: next };
    states[`Choice${n}`] = { Type: 'Choice', Choices: [choice], Default: 'Done' };
  }
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Pass1', States: states });
}

function fiveTasks(): string {
  const state = (n: number) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'step', Payload: { orderId: '{% $states.input.orderId %}' } },
    Output: '{% $states.result.Payload %}',
    ...(n < 5 ? { Next: `Step${n + 1}` } : { End: true }),
  });
  const states = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`Step${n}`, state(n)]));
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Step1', States: states });
}

export async function measureEngineTransitions({ executions = 3000 } = {}): Promise<EngineTransitionsResult> {
  const directory = mkdtempSync(join(tmpdir(), 'engine-transitions-'));
  try {
    return { ...(await measureEngine(join(directory, 'engine'), executions)), ...measureFloor(directory) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureEngine(stateDir: string, executions: number) {
  const journal = openJournal(stateDir);
  const clock = createClock();
  const engine = openEngine({
    journal,
    clock,
    tasks: {
      supports: () => true,
      async run({ parameters }, { started }) {
        started();
        return { type: 'taskSucceeded', output: parameters };
      },
    },
  });
  const roleArn = 'arn:aws:iam::000000000000:role/bench';
  const create = (name: string, definition: string) =>
    engine.stateMachines.create({ name, definition, roleArn }).stateMachine.arn;
  const transitions = create('transitions', passAndChoice());
  const tasks = create('tasks', fiveTasks());
  const input = JSON.stringify({ orderId: 'ord_1', quantity: 5 });

  async function perSecond(stateMachineArn: string, total: number, inFlight: number): Promise<number> {
    const startedAt = performance.now();
    await inParallel(total, inFlight, async () => {
      const { executionArn } = await engine.executions.start({ stateMachineArn, input });
      const { status } = await engine.executions.ended(executionArn);
      if (status !== 'SUCCEEDED') throw new Error(`${executionArn} ended as ${status}`);
    });
    return (total * 1000) / (performance.now() - startedAt);
  }

  try {
    await perSecond(transitions, 200, 64);
    await perSecond(tasks, 200, 64);
    const statesPerExecution = 2 * pairs + 1;
    const parallel = await perSecond(transitions, executions, 64);
    const single = await perSecond(transitions, Math.ceil(executions / 10), 1);
    return {
      transitionsPerSecondWith64InFlight: Math.round(parallel * statesPerExecution),
      transitionsPerSecondWith1InFlight: Math.round(single * statesPerExecution),
      executionsPerSecondWith64InFlight: Math.round(parallel),
      statesPerExecution,
      taskWorkflowsPerSecondWith64InFlight: Math.round(await perSecond(tasks, executions, 64)),
    };
  } finally {
    engine.stop();
    clock.close();
    journal.close();
  }
}

/** WAL and FULL, rows as large as the engine's. */
function measureFloor(directory: string) {
  const database = new DatabaseSync(join(directory, 'floor.sqlite'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)',
  );
  const insert = database.prepare('INSERT INTO rows (text) VALUES (?)');
  const begin = database.prepare('BEGIN');
  const commit = database.prepare('COMMIT');
  const text = 'x'.repeat(1000);

  function commitsPerSecond(commits: number, rows: number): number {
    const startedAt = performance.now();
    for (let n = 0; n < commits; n += 1) {
      begin.run();
      for (let row = 0; row < rows; row += 1) insert.run(text);
      commit.run();
    }
    return (commits * 1000) / (performance.now() - startedAt);
  }

  commitsPerSecond(20, 1);
  const sqliteCommitsPerSecond = Math.round(commitsPerSecond(500, 1));
  const sqliteRowsPerSecondWith64PerCommit = Math.round(commitsPerSecond(200, 64) * 64);
  database.close();
  return { sqliteCommitsPerSecond, sqliteRowsPerSecondWith64PerCommit };
}

if (import.meta.main) console.log(JSON.stringify(await measureEngineTransitions(), undefined, 2));
