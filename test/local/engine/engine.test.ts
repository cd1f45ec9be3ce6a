import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { chain, create, pass, startEngine, task, waitForAnswer } from '../../support/engine.ts';

const day = 24 * 60 * 60 * 1000;

test('nothing of an ended execution stays in memory', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(pass, task));
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
      await runtime.engine.executions.ended(executionArn);
    }),
  );
  expect(runtime.engine.executions.runningCount()).toBe(0);
});

test('executions are forgotten once they are kept no longer, running ones never', async () => {
  await using runtime = await startEngine({ keepEndedMs: 5 * day });
  const short = create(runtime, chain(pass), 'short');
  const long = create(runtime, chain(waitForAnswer), 'long');
  const ended = await runtime.engine.executions.start({ stateMachineArn: short });
  const running = await runtime.engine.executions.start({ stateMachineArn: long });
  await runtime.clock.advance(4 * day);
  const recent = await runtime.engine.executions.start({ stateMachineArn: short });
  await runtime.clock.advance(4 * day);
  expect(runtime.engine.executions.prune()).toBe(1);
  expect(() => runtime.engine.executions.get(ended.executionArn)).toThrow('Execution Does Not Exist');
  expect(runtime.engine.executions.get(running.executionArn).status).toBe('RUNNING');
  expect(runtime.engine.executions.get(recent.executionArn).status).toBe('SUCCEEDED');
});

test('while a runtime is up its journal does not grow: executions that end take along those that are kept no longer', async () => {
  await using runtime = await startEngine({ keepEndedMs: day });
  const stateMachineArn = create(runtime, chain(pass, task));
  const { executions } = runtime.engine;
  const endSome = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const { executionArn } = await executions.start({ stateMachineArn });
        await executions.ended(executionArn);
      }),
    );
  const kept = () => executions.list({ stateMachineArn, since: 0, limit: 1000 }).length;
  for (let rounds = 0; rounds < 5; rounds++) {
    await runtime.clock.advance(1.1 * day);
    await endSome(120);
  }
  await expect.poll(kept).toBe(120);
});

test('an execution that cannot be taken up again is named and does not hold up the others', async () => {
  await using before = await startEngine();
  const good = create(before, chain(waitForAnswer), 'good');
  const bad = create(before, chain({ ...waitForAnswer, Comment: 'bad' }), 'bad');
  const kept = await before.engine.executions.start({ stateMachineArn: good });
  const broken = await before.engine.executions.start({ stateMachineArn: bad });
  await before.engine.idle();
  await before.stop();
  const database = new DatabaseSync(join(before.stateDir, 'journal.sqlite'));
  database.exec("UPDATE definitions SET text = '{}' WHERE text LIKE '%bad%'");
  database.close();
  await using after = await startEngine({ stateDir: before.stateDir });
  expect(after.complaints).toEqual([expect.stringContaining(`${broken.executionArn} cannot be taken up again`)]);
  expect(after.engine.executions.runner(kept.executionArn)).toBeDefined();
  expect(after.engine.executions.get(broken.executionArn).status).toBe('RUNNING');
});

test('an integration that throws fails its task and is complained about', async () => {
  await using runtime = await startEngine({ run: () => Promise.reject(new TypeError('a bug')) });
  const stateMachineArn = create(runtime, chain(task));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  const row = await runtime.engine.executions.ended(executionArn);
  expect(row).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause: 'TypeError: a bug' });
  expect(runtime.complaints[0]).toContain('TypeError: a bug');
});

test('what was in flight at a stop is in flight again after it, and the moved time stays', async () => {
  const runs: string[] = [];
  const hang = (name: string) => () => {
    runs.push(name);
    return new Promise<never>(() => {});
  };
  await using before = await startEngine({ run: hang('before') });
  const stateMachineArn = create(before, chain({ Type: 'Wait', Seconds: 3600 }, task));
  await before.engine.executions.start({ stateMachineArn });
  await before.clock.advance(1800_000);
  expect(runs).toEqual([]);
  const now = before.clock.now();
  await using after = await before.restart({ run: hang('after') });
  expect(after.clock.now()).toBeGreaterThanOrEqual(now);
  void after.clock.advance(1800_000);
  await expect.poll(() => runs, { interval: 5 }).toEqual(['after']);
});
