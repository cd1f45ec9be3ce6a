import type { Service } from './engine/ports.ts';

/** Most time that one service may take to stop before the next one is stopped. */
const PATIENCE_MS = 10_000;

export type ServiceList = ReturnType<typeof createServiceList>;

/** What was started, in order; stopped in reverse. */
export function createServiceList() {
  const started: Service[] = [];
  let starting: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;

  const add = <Thing>(name: string, thing: Thing, stop: (thing: Thing) => void | Promise<void>): Thing => {
    started.push({ name, stop: async () => await stop(thing) });
    return thing;
  };

  return {
    add,
    /** Services that start at the same time. When one of them does not, the error comes after the others are up, so that they can be stopped. */
    startAll<Services extends Record<string, Service>>(
      services: { [Name in keyof Services]: Promise<Services[Name]> },
    ) {
      const all = async () => {
        const results = await Promise.allSettled(Object.values<Promise<Service>>(services));
        for (const result of results) if (result.status === 'fulfilled') started.unshift(result.value);
        for (const result of results) if (result.status === 'rejected') throw result.reason;
        const entries = Object.keys(services).map((name, index) => [
          name,
          (results[index] as PromiseFulfilledResult<Service>).value,
        ]);
        return Object.fromEntries(entries) as Services;
      };
      const result = all();
      starting = result.catch(() => {});
      return result;
    },
    stop: () => (stopped ??= stopAll()),
  };

  async function stopAll(): Promise<void> {
    await starting;
    for (const service of started.toReversed()) {
      const { promise: patience, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, PATIENCE_MS);
      // One service that does not stop properly must not keep the others from stopping.
      await Promise.race([service.stop().catch(() => {}), patience]);
      clearTimeout(timer);
    }
  }
}
