import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chain, create, startEngine, type TestEngine, task } from '../../support/engine.ts';
import { effect, effectsFile } from '../../support/killed-engine.ts';

const definition = chain(
  task,
  { Type: 'Pass', Result: { checked: true } },
  { ...task, Retry: [{ ErrorEquals: ['Busy'] }] },
  task,
);
const program = join(import.meta.dirname, '../../support/killed-engine.ts');

/** Runs the engine in a child until it kills itself; answers what it said. */
function runUntilKilled(stateDir: string, executions: number, point: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, stateDir, String(executions), point], (error, stdout, stderr) => {
      if (error?.signal !== 'SIGKILL') reject(new Error(`The child was to die by SIGKILL: ${stderr}`));
      resolve(stdout.split('\n').filter(Boolean));
    });
  });
}

async function prepared(): Promise<string> {
  const runtime = await startEngine();
  create(runtime, definition);
  await runtime.stop();
  return runtime.stateDir;
}

function history({ engine }: TestEngine, executionArn: string) {
  return engine.executions.history(engine.executions.get(executionArn), { limit: 1000, reverse: false }).events;
}

const uninterrupted = [
  'ExecutionStarted',
  ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
  ...['PassStateEntered', 'PassStateExited'],
  ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
  ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
  'ExecutionSucceeded',
];

const effectsOf = (stateDir: string) =>
  existsSync(effectsFile(stateDir)) ? readFileSync(effectsFile(stateDir), 'utf8').split('\n').filter(Boolean) : [];

/** Opens what the dead process left, lets it go on, and checks what must hold wherever it died. */
async function expectRecovery(stateDir: string, said: string[], executions: number): Promise<void> {
  const before = effectsOf(stateDir);
  await using runtime = await startEngine({ stateDir, run: effect(stateDir) });
  const { engine } = runtime;
  const stateMachineArn = engine.stateMachines.list()[0]!.arn;
  const rows = engine.executions.list({ stateMachineArn, since: 0, limit: 1000 });
  const promised = said.filter((line) => line.startsWith('started')).map((line) => line.split(' ')[1]!);
  expect(rows.map(({ arn }) => arn)).toEqual(expect.arrayContaining(promised));
  expect(rows.length).toBeLessThanOrEqual(executions);
  for (const { arn } of rows) {
    const row = await engine.executions.ended(arn);
    expect(row).toMatchObject({ status: 'SUCCEEDED', output: '{"checked":true}' });
    const events = history(runtime, arn);
    expect(events.map(({ type }) => type)).toEqual(uninterrupted);
    expect(events.map(({ id }) => id)).toEqual(uninterrupted.map((_, index) => index + 1));
  }
  const effects = effectsOf(stateDir);
  for (const { name } of rows) {
    for (const state of ['S1', 'S3', 'S4']) {
      const times = effects.filter((line) => line === `${name} ${state}`).length;
      expect(times, `${name} ${state}`).toBeGreaterThanOrEqual(1);
      // Again only what was in flight when the process died.
      expect(times, `${name} ${state}`).toBeLessThanOrEqual(2);
    }
  }
  // What was promised to have ended is not touched again.
  for (const line of said.filter((one) => one.startsWith('SUCCEEDED'))) {
    const name = `${line.split(':').at(-1)} `;
    expect(effects.filter((one) => one.startsWith(name))).toEqual(before.filter((one) => one.startsWith(name)));
  }
  expect(runtime.complaints).toEqual([]);
}

const commits = [1, 2, 3, 4];

test.concurrent.each([
  ...commits.flatMap((n) => [`before commit ${n}`, `after commit ${n}`]),
  ...[1, 2].flatMap((n) => [`before effect ${n}`, `after effect ${n}`]),
])('an execution goes on where it was when the process died %s', async (point) => {
  const stateDir = await prepared();
  try {
    await expectRecovery(stateDir, await runUntilKilled(stateDir, 1, point), 1);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

test.concurrent.each(['after effect 20', 'before commit 7', 'before effect 55', 'never'])(
  'twenty executions at once go on, each where it was, when the process died %s',
  async (point) => {
    const stateDir = await prepared();
    try {
      await expectRecovery(stateDir, await runUntilKilled(stateDir, 20, point), 20);
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  },
);
