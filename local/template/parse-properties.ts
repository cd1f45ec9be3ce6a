import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';
import type { Resource } from './load-assembly.ts';

/** The properties of a resource, checked; the sentence names the resource, the property and what is wrong with it. */
export function parseProperties<Schema extends z.ZodType>(resource: Resource, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CannotStart(
    `${resource.logicalId} (${resource.type}): ${issue?.path.join('.') || 'properties'}: ${issue?.message}.`,
  );
}

/** CloudFormation takes `"false"` for `false`, which as a text would be true. */
export const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
