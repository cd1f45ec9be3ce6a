import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';

const Configuration = z.object({
  handler: z.string(),
  codeDir: z.string(),
  environment: z.record(z.string(), z.string()),
  timeoutSeconds: z.number(),
  memoryMb: z.number(),
  runtime: z.string().optional(),
  logFormat: z.enum(['Text', 'JSON']).optional(),
  lastModified: z.string().optional(),
});

const Version = z.object({
  /** Of the resource that published it. */
  logicalId: z.string(),
  /** Missing: its number is taken, and the start that was to publish it was cut short. */
  configuration: Configuration.optional(),
  /** That resource is in the template now. */
  inTemplate: z.literal(true).optional(),
  /** By an operation of the API, while its resource is in the template. */
  deleted: z.literal(true).optional(),
});

const Book = z.record(
  z.string(),
  z
    .object({
      /** The last number that was given out; no number is given out twice. */
      last: z.number(),
      /** By number. */
      versions: z.record(z.string(), Version),
      /** What `$LATEST` is, or was when the function was in a template last. */
      latest: Configuration.optional(),
      /** Alias to version number. */
      aliases: z.record(z.string(), z.string()).optional(),
      /** Of a file without aliases, as earlier programs wrote it: the version that they all led to, the newest of then. */
      aliasTarget: z.string().optional(),
    })
    .transform(({ aliases, ...entry }) => {
      const newest = Object.entries(entry.versions).findLast(([, { configuration }]) => configuration)?.[0];
      return { ...entry, aliases: aliases ?? {}, ...(!aliases && newest && { aliasTarget: newest }) };
    }),
);

/** What `<state>/function-versions.json` holds, by function name. */
export type VersionBook = z.infer<typeof Book>;

export function parseVersionBook(text: string, file: string): VersionBook {
  try {
    return Book.parse(JSON.parse(text));
  } catch {
    throw new CannotStart(`The state folder is damaged: ${file} is not a list of function versions.`);
  }
}
