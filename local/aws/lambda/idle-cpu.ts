import { cpus } from 'node:os';

/** Returns a function that answers with the share of all cores, 0 to 1, that had nothing to do since its last call. */
export function createIdleCpuMeter(): () => number {
  let last = { idle: 0, all: 0 };
  return () => {
    const now = { idle: 0, all: 0 };
    for (const { times } of cpus()) {
      now.idle += times.idle;
      now.all += times.user + times.nice + times.sys + times.irq + times.idle;
    }
    const share = (now.idle - last.idle) / Math.max(now.all - last.all, 1);
    last = now;
    return share;
  };
}
