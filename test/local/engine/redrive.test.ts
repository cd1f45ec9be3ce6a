import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notRedrivableReason } from '../../../local/engine/redrive.ts';
import {
  chain,
  create,
  echo,
  startEngine,
  type TestEngine,
  task,
  tokenOf,
  waitForAnswer,
} from '../../support/engine.ts';
import { effect } from '../../support/killed-engine.ts';

const day = 24 * 60 * 60 * 1000;
const fails = async () => ({ type: 'taskFailed', error: 'Boom' }) as const;

async function failed(runtime: TestEngine, name = 'x0', definition = chain(task, task)): Promise<string> {
  const stateMachineArn = create(runtime, definition);
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn, name });
  expect((await runtime.engine.executions.ended(executionArn)).status).toBe('FAILED');
  return executionArn;
}

function types({ engine }: TestEngine, executionArn: string): string[] {
  const row = engine.executions.get(executionArn);
  return engine.executions.history(row, { limit: 1000, reverse: false }).events.map(({ type }) => type);
}

test('a redriven execution goes on in a later process, and nobody pruned it meanwhile', async () => {
  await using before = await startEngine({ run: fails, keepEndedMs: 20 * day });
  const executionArn = await failed(before, 'x0', chain(waitForAnswer, task));
  await before.clock.advance(13 * day);
  const redrivenAt = await before.engine.executions.redrive({ executionArn });
  await before.engine.executions.ended(executionArn);
  const after = await before.restart({ run: async () => ({ type: 'taskSubmitted', output: '{}' }) });
  await after.clock.advance(13 * day);
  await after.engine.executions.redrive({ executionArn });
  await after.engine.idle();
  const again = await after.restart({ run: echo });
  try {
    const row = again.engine.executions.get(executionArn);
    expect(row).toMatchObject({ status: 'RUNNING', redriveCount: 2, stoppedAt: null, error: null });
    expect(row.redrivenAt).toBeGreaterThanOrEqual(redrivenAt + 13 * day);
    await again.engine.callbacks.succeed(tokenOf(again, executionArn), '{"answer":1}');
    expect(await again.engine.executions.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
    expect(again.complaints).toEqual([]);
  } finally {
    await again.stop();
  }
});

test('one that fails again at once has ended again', async () => {
  await using runtime = await startEngine({ run: fails });
  const executionArn = await failed(runtime, 'x0', chain({ Type: 'Fail', Error: 'No' }));
  await runtime.engine.executions.redrive({ executionArn });
  expect(runtime.engine.executions.get(executionArn)).toMatchObject({ status: 'FAILED', redriveCount: 1, error: 'No' });
  expect(runtime.engine.executions.runningCount()).toBe(0);
  await runtime.engine.executions.redrive({ executionArn });
  expect(runtime.engine.executions.get(executionArn).redriveCount).toBe(2);
});

test('of two who redrive at the same time one is refused; with the same client token both are answered alike', async () => {
  await using runtime = await startEngine();
  const { redrive, start, stop, get } = runtime.engine.executions;
  const stateMachineArn = create(runtime, chain({ Type: 'Wait', Seconds: 3600 }));
  const { executionArn } = await start({ stateMachineArn });
  await stop({ executionArn });
  const answers = await Promise.allSettled([redrive({ executionArn }), redrive({ executionArn })]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await stop({ executionArn });
  const request = { executionArn, clientToken: 'the same' };
  const [one, other] = await Promise.all([redrive(request), redrive(request)]);
  expect(other).toBe(one);
  expect(get(executionArn).redriveCount).toBe(2);
  await runtime.clock.advance(16 * 60_000);
  await expect(redrive(request)).rejects.toThrow('Execution is RUNNING and cannot be redriven');
});

test('what has succeeded, is too old or belongs to nothing any more is not redriven', () => {
  const row = { status: 'FAILED', startedAt: 0, stoppedAt: 0 } as Parameters<typeof notRedrivableReason>[0];
  const fine = { now: 1, lastEventId: () => 10, stateMachineExists: true };
  expect(notRedrivableReason(row, fine)).toBeUndefined();
  expect(notRedrivableReason({ ...row, status: 'SUCCEEDED' }, fine)).toBe(
    'Execution is SUCCEEDED and cannot be redriven',
  );
  expect(notRedrivableReason(row, { ...fine, stateMachineExists: false })).toBe('State machine is in DELETING status');
  expect(notRedrivableReason(row, { ...fine, lastEventId: () => 24_998 })).toBeUndefined();
  expect(notRedrivableReason(row, { ...fine, lastEventId: () => 24_999 })).toBe(
    'Execution history event limit exceeded',
  );
  expect(notRedrivableReason(row, { ...fine, now: 14 * day })).toBeUndefined();
  expect(notRedrivableReason(row, { ...fine, now: 14 * day + 1 })).toBe('Execution redrivable period exceeded');
  expect(notRedrivableReason({ ...row, stoppedAt: 366 * day }, { ...fine, now: 366 * day })).toBe(
    'Execution has exceeded the max execution time',
  );
});

test('the name of a redriven execution is taken like that of any that runs', async () => {
  await using runtime = await startEngine({ run: fails });
  const executionArn = await failed(runtime, 'x0', chain(waitForAnswer));
  const after = await runtime.restart({ run: async () => ({ type: 'taskSubmitted', output: '{}' }) });
  try {
    const { executions, stateMachines } = after.engine;
    const stateMachineArn = stateMachines.list()[0]!.arn;
    await expect(executions.start({ stateMachineArn, name: 'x0' })).rejects.toThrow('Execution Already Exists');
    await executions.redrive({ executionArn });
    expect(await executions.start({ stateMachineArn, name: 'x0' })).toMatchObject({ executionArn });
  } finally {
    await after.stop();
  }
});

const program = join(import.meta.dirname, '../../support/killed-engine.ts');
const runUntilKilled = (...args: string[]) =>
  new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [program, ...args], (error, _, stderr) => {
      if (error?.signal === 'SIGKILL') resolve();
      else reject(new Error(`The child was to die by SIGKILL: ${stderr}`));
    });
  });

test.concurrent.each([
  ...[1, 2, 3, 4].flatMap((n) => [`before commit ${n}`, `after commit ${n}`]),
  ...[1, 2].flatMap((n) => [`before effect ${n}`, `after effect ${n}`]),
])('a redriven execution goes on where it was when the process died %s', async (point) => {
  await using before = await startEngine({ run: fails });
  const executionArn = await failed(before);
  await before.stop();
  await runUntilKilled(before.stateDir, '1', point, 'redrive');
  const after = await startEngine({ stateDir: before.stateDir, run: effect(before.stateDir) });
  try {
    const { executions } = after.engine;
    // Only if it had died before the redrive was on the disk; the first commit is what opening the engine writes.
    if (executions.get(executionArn).status === 'FAILED') {
      expect(point).toMatch(/commit 1|before commit 2/);
      await executions.redrive({ executionArn });
    }
    expect(await executions.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    expect(types(after, executionArn)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskFailed', 'ExecutionFailed'],
      ...['ExecutionRedriven', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
      ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
    ]);
  } finally {
    await after.stop();
  }
});
