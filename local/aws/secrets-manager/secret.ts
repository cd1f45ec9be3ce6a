import { z } from 'zod';

const Version = z.object({
  secretString: z.string().optional(),
  /** Base64. */
  secretBinary: z.string().optional(),
  stages: z.array(z.string()),
  /** Milliseconds since the epoch, as all times here. */
  createdAt: z.number(),
});

/** As the API has them. */
export const RotationRules = z.object({
  AutomaticallyAfterDays: z.coerce.number().optional(),
  Duration: z.string().optional(),
  ScheduleExpression: z.string().optional(),
});

const Rotation = z.object({
  enabled: z.boolean(),
  lambdaArn: z.string(),
  rules: RotationRules,
  /** Digest of the schedule in the template: a changed one is applied, anything else keeps what is there. */
  templateDigest: z.string().optional(),
  lastRotatedAt: z.number().optional(),
  /** Only while enabled. */
  nextAt: z.number().optional(),
  /** A rotation that has begun and is not finished, also over a crash. */
  underWay: z
    .object({
      /** The id of the new version, the same in every attempt. */
      token: z.string(),
      rotationToken: z.string(),
      /** `test` runs the step `testSecret` alone, on a version that is taken away again. */
      kind: z.enum(['rotate', 'test']),
      failures: z.number(),
      /** When the next attempt begins. */
      dueAt: z.number(),
    })
    .optional(),
});

export const Secret = z.object({
  name: z.string(),
  arn: z.string(),
  description: z.string().optional(),
  /** Digest of a value that stands in the template: a changed template gives a new version, anything else keeps what is there. */
  templateDigest: z.string().optional(),
  versions: z.record(z.string(), Version),
  createdAt: z.number(),
  changedAt: z.number(),
  rotation: Rotation.optional(),
});

/** A version has a value, except the one that a rotation is about to fill. */
export type Version = z.infer<typeof Version>;
export type Rotation = z.infer<typeof Rotation>;
export type RotationRules = z.infer<typeof RotationRules>;
/** Plain data, as it is kept in the file. */
export type Secret = z.infer<typeof Secret>;
