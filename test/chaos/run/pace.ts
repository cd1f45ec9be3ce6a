/** Whether a long run gets slower: how long orders take on the wall and on the processors, the first ones against the last. */

/** So many orders had been taken up then, and that was used up by then. */
export interface PaceSample {
  orders: number;
  seconds: number;
  /** Of all processes, also of those that have ended. */
  cpuSeconds: number;
}

export interface Pace {
  /** How many orders are compared with how many. */
  orders: number;
  /** Seconds per order: on the wall of a machine that is not shared, and of CPU. */
  first: { wall: number; cpu: number };
  last: { wall: number; cpu: number };
}

/** The first thousand orders against the last (of a short run: the first tenth against the last). Undefined: too few samples. */
export function paceOf(samples: readonly PaceSample[]): Pace | undefined {
  const [begin, end] = [samples[0], samples.at(-1)];
  if (!begin || !end || end.orders < 100) return undefined;
  const orders = Math.min(1_000, Math.floor(end.orders / 10));
  const between = (from: number, to: number) => {
    const [a, b] = [at(samples, from), at(samples, to)];
    return { wall: (b.seconds - a.seconds) / orders, cpu: (b.cpuSeconds - a.cpuSeconds) / orders };
  };
  return { orders, first: between(0, orders), last: between(end.orders - orders, end.orders) };
}

/** When the n-th order was taken up: between two samples as if they had come evenly. */
function at(samples: readonly PaceSample[], orders: number): PaceSample {
  const next = samples.findIndex((sample) => sample.orders >= orders);
  const [a, b] = [samples[Math.max(0, next - 1)]!, samples[next]!];
  const share = b.orders === a.orders ? 1 : (orders - a.orders) / (b.orders - a.orders);
  const mix = (from: number, to: number) => from + share * (to - from);
  return { orders, seconds: mix(a.seconds, b.seconds), cpuSeconds: mix(a.cpuSeconds, b.cpuSeconds) };
}

/** Adds up what processes use, also of those that are killed between two looks: what they used since the look before is lost. */
export function createCpuMeter() {
  const known = new Map<number, number>();
  let usedMs = 0;
  return (now: ReadonlyMap<number, number>): number => {
    for (const [pid, ms] of now) usedMs += Math.max(0, ms - (known.get(pid) ?? 0));
    known.clear();
    for (const [pid, ms] of now) known.set(pid, ms);
    return usedMs / 1000;
  };
}
