/**
 * Does something with each, so many at a time, until all are done or `stopped` says so; what is under way is finished. An error
 * that is thrown keeps others from being begun, and is thrown again when those under way have ended.
 */
export async function fewAtATime<Item>(
  items: readonly Item[],
  atATime: number,
  stopped: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    while (!failed && !stopped()) {
      const { value, done } = left.next();
      if (done) return;
      try {
        await work(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atATime }, worker));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
}
