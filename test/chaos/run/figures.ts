/** What it took: memory, disk, calls. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalRuntime } from '../../../examples/local-runtime.ts';
import type { FaultReport } from '../../../local/faults/fault-book.ts';
import type { FaultPlan } from '../../../local/faults/plan.ts';

export interface Memory {
  beginMb: number;
  mostMb: number;
  endMb: number;
}

/** Memory of all processes of the runtime, every few seconds. */
export async function watchMemory(runtime: LocalRuntime, everyMs = 5_000) {
  const stopped = new AbortController();
  const beginMb = await runtime.memoryMb();
  let mostMb = beginMb;
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await delay(everyMs, undefined, { signal: stopped.signal }).catch(() => {});
      mostMb = Math.max(mostMb, await runtime.memoryMb());
    }
  })();
  return async (): Promise<Memory> => {
    stopped.abort();
    await watching;
    return { beginMb, mostMb, endMb: await runtime.memoryMb() };
  };
}

/** Megabytes of each thing in a state folder but the code of the functions, which is there once and for all. */
export async function diskMb(stateDir: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { name, parentPath } of (await readdir(stateDir, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  )) {
    const path = join(parentPath, name);
    const [top] = path.slice(stateDir.length + 1).split('/');
    if (top === 'code') continue;
    const size = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    // The journal is a file and its log.
    const what = top!.replace(/\.sqlite.*/, '');
    sizes[what] = (sizes[what] ?? 0) + size / 1e6;
  }
  return sizes;
}

const counted = [
  'lambda',
  'dynamodb',
  'step-functions',
  'sqs',
  'ses',
  'scheduler',
  'secrets-manager',
  'lambda-api',
] as const;
const counterOf = (at: string) => `calls of ${at}`;

/** The plan, and rules that break nothing and count: they count on through SIGKILLs. */
export const withCounters = (plan: { seed: number; rules: readonly object[] }) => ({
  ...plan,
  rules: [...counted.map((at) => ({ name: counterOf(at), at, fault: 'slow', probability: 0 })), ...plan.rules],
});

export interface Calls {
  invocations: number;
  /** Requests of functions and of Step Functions to services, by service. */
  requests: Record<string, number>;
}

export function callsIn({ rules }: Pick<FaultReport, 'rules'>): Calls {
  const calls = (at: string) => rules.find(({ name }) => name === counterOf(at))?.calls ?? 0;
  const [, ...services] = counted;
  return { invocations: calls('lambda'), requests: Object.fromEntries(services.map((at) => [at, calls(at)])) };
}

/** The report without what only counts. */
export function withoutCounters(report: FaultReport): FaultReport {
  const counters = new Set<string>(counted.map(counterOf));
  const others = <Rule extends { name: string }>(rules: readonly Rule[]) =>
    rules.filter(({ name }) => !counters.has(name));
  const plan: FaultPlan = { ...report.plan, rules: others(report.plan.rules) };
  return { ...report, plan, rules: others(report.rules) };
}
