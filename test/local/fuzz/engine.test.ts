import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { role } from '../../support/engine.ts';
import { definitions } from './arbitrary-definition.ts';
import { fuzzRuns, fuzzTimeoutMs } from './fuzz-runs.ts';
import { type End, openSettledEngine } from './settled-engine.ts';
import { drawn } from './task-reports.ts';

const program = join(import.meta.dirname, 'settled-engine.ts');
const cases = fc.record({ definition: definitions({ settled: true }), seed: fc.integer({ min: 1, max: 2 ** 30 }) });

/** A state folder with the state machine in it, and nothing else. */
async function prepare(folder: string, definition: object): Promise<string> {
  const stateDir = join(folder, 'prepared');
  const { engine, close } = openSettledEngine(stateDir, 0);
  await engine.activities.create('work');
  engine.stateMachines.create({ name: 'machine', definition: JSON.stringify(definition), roleArn: role });
  close();
  return stateDir;
}

function copyOf(stateDir: string, name: string): string {
  const copy = join(stateDir, '..', name);
  cpSync(stateDir, copy, { recursive: true });
  return copy;
}

/** Goes on from what is in the folder to the end. */
async function ends(stateDir: string, seed: number): Promise<End[]> {
  const settled = openSettledEngine(stateDir, seed);
  try {
    const all = await settled.run();
    expect(settled.complaints).toEqual([]);
    return all;
  } finally {
    settled.close();
  }
}

/** While `act` runs, every commit of a journal is told of, as soon as it is what a killed process would leave. */
async function watchCommits<T>(onCommit: () => void, act: () => Promise<T>): Promise<T> {
  const { prepare: original } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    const statement = original.call(this, sql);
    if (sql !== 'COMMIT') return statement;
    const run = statement.run.bind(statement);
    statement.run = () => {
      const result = run();
      onCommit();
      return result;
    };
    return statement;
  };
  try {
    return await act();
  } finally {
    DatabaseSync.prototype.prepare = original;
  }
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it(
  'executions end the same from whichever commit the engine goes on',
  async () => {
    let commits = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ definition, seed }) =>
        inFolder(async (folder) => {
          const stateDir = copyOf(await prepare(folder, definition), 'whole');
          const snapshots: string[] = [];
          let commit = 0;
          const onCommit = () => {
            commit += 1;
            commits += 1;
            if (commit < 4 || drawn(seed, commit) % 8 === 0) snapshots.push(copyOf(stateDir, `after-${commit}`));
          };
          const expected = await watchCommits(onCommit, () => ends(stateDir, seed));
          for (const snapshot of snapshots) expect(await ends(snapshot, seed), snapshot).toEqual(expected);
        }),
      ),
      fuzzRuns(6),
    );
    expect(commits).toBeGreaterThan(0);
  },
  fuzzTimeoutMs,
);

it(
  'executions end the same when the process was killed before or after any commit',
  async () => {
    const points = fc.tuple(fc.constantFrom('before', 'after'), fc.integer({ min: 1, max: 12 }));
    await fc.assert(
      fc.asyncProperty(cases, points, async ({ definition, seed }, [when, commit]) =>
        inFolder(async (folder) => {
          const prepared = await prepare(folder, definition);
          const killed = copyOf(prepared, 'killed');
          const args = [program, killed, String(seed), `${when} commit ${commit}`];
          const child = promisify(execFile)(process.execPath, args);
          await expect(child).rejects.toMatchObject({ signal: 'SIGKILL' });
          expect(await ends(killed, seed)).toEqual(await ends(prepared, seed));
        }),
      ),
      fuzzRuns(2),
    );
  },
  fuzzTimeoutMs,
);
