import type { Checkpoints } from './checkpoints.ts';
import { ServiceError } from './ports.ts';

/** By key, in the order in which the keys came. */
export type TagSet = Record<string, string>;

/** Tags of state machines and activities. Each function throws ResourceNotFound for anything else. */
export interface Tags {
  of(resourceArn: string): TagSet;
  add(resourceArn: string, tags: TagSet): Promise<void>;
  remove(resourceArn: string, keys: string[]): Promise<void>;
}

const table = 'tags';
/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const mostTags = 50;

export function createTags(ports: { store: Checkpoints; exists(arn: string): boolean }): Tags {
  const { store, exists } = ports;

  function of(resourceArn: string): TagSet {
    if (!exists(resourceArn)) {
      throw new ServiceError('ResourceNotFound', `Resource not found: '${resourceArn}'`);
    }
    return JSON.parse(store.get(table, resourceArn) ?? '{}') as TagSet;
  }

  return {
    of,
    async add(resourceArn, tags) {
      const all = { ...of(resourceArn), ...tags };
      if (Object.keys(all).length > mostTags) {
        throw new ServiceError('TooManyTags', `Too many tags: '${resourceArn}'`);
      }
      await store.set(table, resourceArn, JSON.stringify(all));
    },
    async remove(resourceArn, keys) {
      const left = Object.entries(of(resourceArn)).filter(([key]) => !keys.includes(key));
      await store.set(table, resourceArn, JSON.stringify(Object.fromEntries(left)));
    },
  };
}
