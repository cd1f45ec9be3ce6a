import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { FunctionConfiguration } from '../aws/lambda/functions.ts';
import { CannotStart } from '../cannot-start.ts';
import { writeAtomically } from '../write-atomically.ts';

const Configuration = z.object({
  handler: z.string(),
  codeDir: z.string(),
  environment: z.record(z.string(), z.string()),
  timeoutSeconds: z.number(),
  memoryMb: z.number(),
  runtime: z.string().optional(),
  logFormat: z.enum(['Text', 'JSON']).optional(),
});

const Book = z.record(
  z.string(),
  z.object({
    last: z.number(),
    /** By number; `logicalId` is that of the resource that published it. */
    versions: z.record(z.string(), z.object({ logicalId: z.string(), configuration: Configuration.optional() })),
  }),
);

/** Executions that began with an older version may still call it; older ones than these are given up. */
const KEPT_VERSIONS = 20;

/**
 * Published versions of functions over all starts of a state folder: a version keeps its number, its configuration and its code, also
 * when the app is synthesised anew over the folder that it came from.
 */
export interface PublishedVersions {
  numberOf(functionName: string, logicalId: string): string;
  keep(functionName: string, logicalId: string, configuration: FunctionConfiguration): void;
  versionsOf(functionName: string): Record<string, Partial<FunctionConfiguration>>;
  /** Folder with the code that a template holds itself. */
  inlineCode(source: string): string;
  /** Writes what changed. */
  save(): void;
}

export function openPublishedVersions(stateDir: string): PublishedVersions {
  const file = join(stateDir, 'function-versions.json');
  const codeDir = join(stateDir, 'code');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const book = parse(before, file);

  const functionIn = (functionName: string) => (book[functionName] ??= { last: 0, versions: {} });
  const numberOf = (functionName: string, logicalId: string): string => {
    const entry = functionIn(functionName);
    const known = Object.entries(entry.versions).find(([, version]) => version.logicalId === logicalId);
    if (known) return known[0];
    entry.last += 1;
    entry.versions[entry.last] = { logicalId };
    for (const old of Object.keys(entry.versions))
      if (Number(old) <= entry.last - KEPT_VERSIONS) delete entry.versions[old];
    return String(entry.last);
  };

  return {
    numberOf,
    keep(functionName, logicalId, configuration) {
      const kept = join(codeDir, basename(configuration.codeDir));
      if (!existsSync(kept)) copyFolder(configuration.codeDir, kept);
      functionIn(functionName).versions[numberOf(functionName, logicalId)]!.configuration = {
        ...configuration,
        codeDir: kept,
      };
    },
    versionsOf(functionName) {
      const versions = Object.entries(book[functionName]?.versions ?? {});
      return Object.fromEntries(
        versions.map(([number, { configuration }]) => [
          number,
          (configuration ?? {}) as Partial<FunctionConfiguration>,
        ]),
      );
    },
    inlineCode(source) {
      const folder = join(codeDir, createHash('sha256').update(source).digest('hex'));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'index.js'), source);
      return folder;
    },
    save() {
      const now = JSON.stringify(book);
      if (now !== before) writeAtomically(file, now);
    },
  };
}

function parse(text: string, file: string): z.infer<typeof Book> {
  try {
    return Book.parse(JSON.parse(text));
  } catch {
    throw new CannotStart(`The state folder is damaged: ${file} is not a list of function versions.`);
  }
}

/** Appears whole or not at all. Hard links where the file system has them: bundles are written once and never changed. */
function copyFolder(from: string, to: string): void {
  const incoming = `${to}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    const source = join(entry.parentPath, entry.name);
    const target = join(incoming, source.slice(from.length));
    if (entry.isDirectory()) mkdirSync(target, { recursive: true });
    else {
      try {
        linkSync(source, target);
      } catch {
        cpSync(source, target);
      }
    }
  }
  renameSync(incoming, to);
}
