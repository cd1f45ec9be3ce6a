/**
 * How many random cases a property is tried with: as many as fit into a normal test run, or `FUZZ_RUNS`. A failure prints its
 * seed and path; `FUZZ_SEED=... FUZZ_PATH=...` runs it again.
 */
export function fuzzRuns(usual: number) {
  const { FUZZ_RUNS, FUZZ_SEED, FUZZ_PATH } = process.env;
  return {
    numRuns: FUZZ_RUNS ? Number(FUZZ_RUNS) : usual,
    ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }),
    ...(FUZZ_PATH && { path: FUZZ_PATH }),
  };
}

/** With more runs than usual, more time: 3 s each, which is much for a process that is killed on a busy machine. */
export const fuzzTimeoutMs = Math.max(60_000, Number(process.env.FUZZ_RUNS ?? 0) * 3000);
