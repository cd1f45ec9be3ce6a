import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalRuntime } from '../../../examples/local-runtime.ts';
import type { FaultReport } from '../../../local/faults/fault-book.ts';
import { smallApp } from '../small-app.ts';

const report = async ({ awsEndpoint }: { awsEndpoint: string }, init?: RequestInit) =>
  (await (await fetch(`${awsEndpoint}/_local/faults`, init)).json()) as FaultReport;

function planFile(plan: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

test('npm start -- --faults FILE, a SIGKILL, another plan by the admin port, and another SIGKILL', async () => {
  const faults = planFile({ rules: [{ at: 'lambda', fault: 'throttle', where: { via: 'http-api' }, times: 1 }] });
  await using runtime = await startLocalRuntime({ assembly: smallApp(), faults });
  const post = () => fetch(`${runtime.outputs.ApiUrl}/jobs/a`, { method: 'POST' });
  expect((await post()).status).toBe(503);

  await runtime.kill();
  await runtime.restart();
  expect(await report(runtime)).toMatchObject({ starts: 2, rules: [{ calls: 1, hits: 1 }] });
  expect((await post()).status).toBe(202);

  const body = JSON.stringify({ rules: [{ at: 'http-api', fault: 'unavailable', calls: [2] }] });
  await report(runtime, { method: 'PUT', body });
  expect((await post()).status).not.toBe(503);
  await runtime.kill();
  await runtime.restart({ faults: undefined });
  expect((await post()).status).toBe(503);
});

test('a plan that is none is told before anything starts', async () => {
  const faults = planFile({ rules: [{ at: 'moon', fault: 'eclipse' }] });
  const starting = startLocalRuntime({ assembly: smallApp(), faults });
  await expect(starting).rejects.toThrow(
    /plan\.json cannot be used:\n {2}rules\[0\]\.at: found "moon", expected one of/,
  );
});
