import type { Checkpoints } from '../../local/engine/checkpoints.ts';

/** The store of event sources, without the disk: a source that is started again with the same one goes on where it was. */
export function checkpointsInMemory(): Checkpoints {
  const values = new Map<string, Map<string, string>>();
  const of = (source: string) => values.get(source) ?? values.set(source, new Map()).get(source)!;
  return {
    get: (source, key) => of(source).get(key),
    list: (source) => [...of(source)].map(([key, value]) => ({ key, value })),
    set: async (source, key, value) => void of(source).set(key, value),
    delete: async (source, key) => void of(source).delete(key),
  };
}
