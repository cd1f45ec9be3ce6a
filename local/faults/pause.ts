import type { Clock } from '../engine/ports.ts';

/** The longest delay that `setTimeout` takes. */
const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Resolves after a time of the runtime, which may be moved; rejects with the signal's reason when it is aborted first. Whoever moves time
 * waits for work under way, which may be this: so the time that passes by itself counts too, whatever the clock does meanwhile.
 */
export async function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _ = clock.at(clock.now() + ms, resolve);
  const timer = ms <= longestTimeoutMs ? setTimeout(resolve, ms).unref() : undefined;
  const abort = () => reject(signal!.reason);
  signal?.addEventListener('abort', abort);
  await promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  });
}
