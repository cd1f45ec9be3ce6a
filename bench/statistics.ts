/** The value below which `share` (0..1) of the samples lie; samples need not be sorted. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Runs `total` jobs, at most `inFlight` at once. */
export async function inParallel(
  total: number,
  inFlight: number,
  job: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(total, inFlight) }, async () => {
      while (next < total) await job(next++);
    }),
  );
}

/**
 * Keeps `inFlight` jobs going and answers how many ended a second, for `seconds` from the moment when `warmUp` of them had
 * ended. What is in flight then may end, uncounted. And the CPU time of a job, all of them counted: it says what the machine
 * could do if nothing else ran on it.
 */
export async function throughput(
  { inFlight, warmUp, seconds }: { inFlight: number; warmUp: number; seconds: number },
  runtime: { cpuMs(): Promise<number> },
  job: () => Promise<unknown>,
): Promise<{ perSecond: number; cpuMsEach: number }> {
  let ended = 0;
  let counted = 0;
  let overAt = Number.POSITIVE_INFINITY;
  const cpuMsBefore = await runtime.cpuMs();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < overAt) {
        await job();
        ended += 1;
        if (ended === warmUp) overAt = performance.now() + seconds * 1000;
        else if (ended > warmUp && performance.now() < overAt) counted += 1;
      }
    }),
  );
  return { perSecond: counted / seconds, cpuMsEach: ((await runtime.cpuMs()) - cpuMsBefore) / ended };
}
