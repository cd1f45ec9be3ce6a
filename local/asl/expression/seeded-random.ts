/**
 * A number 0 <= n < 1 that a seed always leads to. The service's own generator is not published, so its numbers are others.
 * (One round of mulberry32, public domain: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c)
 */
export function randomOfSeed(seed: number): number {
  let mixed = (Math.floor(seed) + 0x6d2b79f5) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
