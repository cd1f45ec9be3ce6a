/**
 * Does something with each, so many at a time, until all are done or `stopped` says so; what is under way is finished. An error
 * that is thrown keeps others from being begun; the first is thrown again when those under way have ended.
 */
export async function fewAtATime<Item>(
  items: readonly Item[],
  atATime: number,
  stopped: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    while (failures.length === 0 && !stopped()) {
      const { value, done } = left.next();
      if (done) return;
      try {
        await work(value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (failures.length > 0) throw failures[0];
}
