/** Lambda functions for tests: written to a temporary folder, run by the real host in real processes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FunctionDefinition } from '../../local/aws/lambda/functions.ts';
import { createLambdaHost, type LambdaHost, type LambdaHostOptions } from '../../local/aws/lambda/host.ts';
import type { LogEntry } from '../../local/aws/lambda/log-lines.ts';
import type { Clock } from '../../local/engine/ports.ts';

/** What a test says of a function: its code as the text of `index.mjs` (or of several files), and what differs from the default. */
export type TestFunction = Partial<FunctionDefinition> & { code: string | Record<string, string> };

export interface TestHost extends LambdaHost, AsyncDisposable {
  logged: LogEntry[];
  call(functionName: string, event?: unknown, options?: Parameters<LambdaHost['invoke']>[2]): Promise<Answer>;
}

export type Answer = {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the handler under test returned
  value: any;
  functionError?: string;
  requestId: string;
  executedVersion: string;
  logTail?: string;
};

export async function hostWith(
  functions: Record<string, TestFunction>,
  options: Partial<LambdaHostOptions> = {},
): Promise<TestHost> {
  const root = await mkdtemp(path.join(tmpdir(), 'functions-'));
  const definitions = await Promise.all(
    Object.entries(functions).map(async ([functionName, { code, ...rest }]): Promise<FunctionDefinition> => {
      const codeDir = path.join(root, functionName);
      await mkdir(codeDir);
      const files = typeof code === 'string' ? { 'index.mjs': code } : code;
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(codeDir, name), text);
      return {
        functionName,
        handler: 'index.handler',
        codeDir,
        environment: {},
        timeoutSeconds: 30,
        memoryMb: 128,
        ...rest,
      };
    }),
  );
  const logged: LogEntry[] = [];
  const host = await createLambdaHost({
    functions: definitions,
    clock: wallClock,
    log: (entry) => logged.push(entry),
    ...options,
  });
  return {
    ...host,
    logged,
    async call(functionName, event = {}, invokeOptions) {
      const { payload, ...rest } = await host.invoke(functionName, JSON.stringify(event), invokeOptions);
      return { ...rest, value: JSON.parse(payload) };
    },
    async [Symbol.asyncDispose]() {
      await host.stop();
      await rm(root, { recursive: true });
    },
  };
}

/** Time that is not moved. */
export const wallClock: Clock = movedBy(0);

/** Wall clock plus a fixed offset. */
export function movedBy(offsetMs: number): Clock {
  return {
    now: () => Date.now() + offsetMs,
    offsetMs: () => offsetMs,
    advance: () => Promise.reject(new Error('this clock cannot be moved')),
    at(dueAt, callback) {
      const timer = setTimeout(callback, dueAt - Date.now() - offsetMs);
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}
