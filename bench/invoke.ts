/** Latency and throughput of the local Lambda host with a handler that does nothing. Prints JSON. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLambdaHost } from '../local/aws/lambda/host.ts';

export interface InvokeFigures {
  coldStartMs: number;
  /** One invocation after the other. */
  p50Ms: number;
  p99Ms: number;
  /** With `environments` environments and `inFlight` callers. */
  perSecond: number;
  environments: number;
  inFlight: number;
  /** Of the host process; what is left of a core is for the engine. */
  hostCpuMicrosPerInvoke: number;
}

export async function measureInvoke(invocations = 5_000, environments = 2, inFlight = 16): Promise<InvokeFigures> {
  const codeDir = await mkdtemp(path.join(tmpdir(), 'bench-invoke-'));
  await writeFile(path.join(codeDir, 'index.mjs'), 'export const handler = async (event) => ({ got: event.n });\n');
  const names = Array.from({ length: environments }, (_, i) => `trivial-${i}`);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(codeDir, { recursive: true }));
  const host = await createLambdaHost({
    functions: names.map((functionName) => ({
      functionName,
      handler: 'index.handler',
      codeDir,
      environment: {},
      timeoutSeconds: 30,
      memoryMb: 128,
    })),
    clock: {
      now: () => Date.now(),
      offsetMs: () => 0,
      advance: async () => {},
      at: () => ({ [Symbol.dispose]() {} }),
    },
    log: () => {},
  });
  stack.defer(() => host.stop());

  const started = performance.now();
  await host.invoke(names[0]!, '{"n":0}');
  const coldStartMs = performance.now() - started;
  await Promise.all(names.map((name) => host.invoke(name, '{"n":0}')));

  const latencies: number[] = [];
  for (let n = 0; n < invocations; n++) {
    const begin = performance.now();
    await host.invoke(names[0]!, `{"n":${n}}`);
    latencies.push(performance.now() - begin);
  }
  latencies.sort((a, b) => a - b);

  const cpu = process.cpuUsage();
  const begin = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < invocations) {
        const n = next++;
        await host.invoke(names[n % names.length]!, `{"n":${n}}`);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    coldStartMs: round(coldStartMs),
    p50Ms: round(latencies[Math.floor(invocations * 0.5)]!),
    p99Ms: round(latencies[Math.floor(invocations * 0.99)]!),
    perSecond: Math.round(invocations / seconds),
    environments,
    inFlight,
    hostCpuMicrosPerInvoke: Math.round((user + system) / invocations),
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

if (import.meta.main) console.log(JSON.stringify(await measureInvoke(), null, 2));
