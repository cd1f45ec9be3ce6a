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
