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
 * Code and published versions of functions over all starts of a state folder. Code is kept there, so that it stays while it runs, even
 * if the app is synthesised anew over the folder that it came from; a version keeps its number and its configuration too.
 */
export interface PublishedVersions {
  numberOf(functionName: string, logicalId: string): string;
  /** `configuration` is what this version is from now on. */
  publish(functionName: string, logicalId: string, configuration: FunctionConfiguration): void;
  versionsOf(functionName: string): Record<string, Partial<FunctionConfiguration>>;
  /** The folder in which the code of an asset folder is kept. Its name says what is in it, as an S3 key does when it is deployed. */
  keepCode(folder: string): string;
  /** The same for code that a template holds itself. */
  keepInlineCode(source: string): string;
  /** Writes what changed, and removes code that nothing names any more. */
  save(): void;
}

export function openPublishedVersions(stateDir: string): PublishedVersions {
  const file = join(stateDir, 'function-versions.json');
  const codeDir = join(stateDir, 'code');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const book = parse(before, file);
  const used = new Set<string>();

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
    publish(functionName, logicalId, configuration) {
      functionIn(functionName).versions[numberOf(functionName, logicalId)]!.configuration = configuration;
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
    keepCode(folder) {
      const kept = join(codeDir, basename(folder));
      if (!existsSync(kept)) copyFolder(folder, kept);
      used.add(kept);
      return kept;
    },
    keepInlineCode(source) {
      const kept = join(codeDir, `inline.${createHash('sha256').update(source).digest('hex')}`);
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, 'index.js'), source);
      used.add(kept);
      return kept;
    },
    save() {
      const now = JSON.stringify(book);
      if (now !== before) writeAtomically(file, now);
      const versions = Object.values(book).flatMap((entry) => Object.values(entry.versions));
      for (const { configuration } of versions) if (configuration) used.add(configuration.codeDir);
      const kept = existsSync(codeDir) ? readdirSync(codeDir).map((name) => join(codeDir, name)) : [];
      for (const folder of kept) if (!used.has(folder)) rmSync(folder, { recursive: true, force: true });
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
