import type { TagSet } from '../../engine/tags.ts';
import { checkRequest } from '../request-shape.ts';

const shape = {
  key: { type: 'text', required: true, min: 1, max: 128 },
  value: { type: 'text', required: true, max: 256 },
} as const;

/** From the list of keys and values that requests have. Throws ValidationException. */
export function readTags(list: unknown[] = []): TagSet {
  const tags = list.map((tag, index) =>
    checkRequest(shape, tag as Record<string, unknown>, `tags.${index + 1}.member.`),
  );
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

export function showTags(tags: TagSet): { key: string; value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
