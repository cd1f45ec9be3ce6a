import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotStart } from './cannot-start.ts';
import { writeAtomically } from './write-atomically.ts';

/** How the app was synthesised, so that it can be again with the same result. */
export const Synthesis = z.object({
  /** The command; default: the one in `cdk.json`. */
  app: z.string().optional(),
  /** It was not: this folder was given. */
  assembly: z.string().optional(),
  context: z.record(z.string(), z.string()).default({}),
});
export type Synthesis = z.infer<typeof Synthesis>;

const RuntimeFile = z.object({
  /** Of the runtime that wrote it; it may have ended since. */
  pid: z.number(),
  awsEndpoint: z.string(),
  /** By logical id. */
  apiUrls: z.record(z.string(), z.string()),
  outputs: z.record(z.string(), z.string()),
  mailboxDir: z.string(),
  logsDir: z.string(),
  /** Kept from start to start, because links with them have been mailed. */
  ports: z.object({
    aws: z.number(),
    dynamodb: z.number(),
    queues: z.number(),
    apis: z.record(z.string(), z.number()),
  }),
  synthesis: Synthesis.optional(),
});

/** `<state>/runtime.json`: where a runtime is reached. Written when it is ready, read by the next one and by other programs. */
export type RuntimeFile = z.infer<typeof RuntimeFile>;

const pathIn = (stateDir: string) => join(stateDir, 'runtime.json');

export function readRuntimeFile(stateDir: string): RuntimeFile | undefined {
  const path = pathIn(stateDir);
  if (!existsSync(path)) return undefined;
  try {
    return RuntimeFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new CannotStart(
      `The state folder is damaged: ${path} cannot be read; delete that file, then the runtime takes new ports.`,
    );
  }
}

export function writeRuntimeFile(stateDir: string, content: RuntimeFile): void {
  writeAtomically(pathIn(stateDir), `${JSON.stringify(content, null, 2)}\n`);
}
