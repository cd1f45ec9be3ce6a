import type { Clock } from '../engine/ports.ts';

/** Resolves after a time of the runtime, which may be moved; rejects with the signal's reason when it is aborted first. */
export async function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _ = clock.at(clock.now() + ms, resolve);
  const abort = () => reject(signal!.reason);
  signal?.addEventListener('abort', abort);
  await promise.finally(() => signal?.removeEventListener('abort', abort));
}
