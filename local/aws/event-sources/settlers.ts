/**
 * Those who ask a source whether it has handed out everything. The answer is due after a look into the source that began after the
 * question and found nothing, or as soon as going on needs time to pass.
 */
export interface Settlers {
  /** Resolves to true if the source had to do something meanwhile. `looked`: the look that is under way will do. */
  ask(looked?: boolean): Promise<boolean>;
  readonly waiting: boolean;
  /** A look into the source begins. */
  look(): void;
  /** The look found something, which is being done. */
  found(): void;
  /** The look found nothing. */
  foundNothing(): void;
  /** From here on, and until `resume`, only time helps. */
  pause(): void;
  resume(): void;
}

export function createSettlers(): Settlers {
  let asked: { worked: boolean; looked: boolean; resolve(worked: boolean): void }[] = [];
  let paused = 0;

  function answer(which: (one: { looked: boolean }) => boolean): void {
    const due = asked.filter(which);
    asked = asked.filter((one) => !which(one));
    for (const { resolve, worked } of due) resolve(worked);
  }

  return {
    ask(looked = false) {
      if (paused > 0) return Promise.resolve(false);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      asked.push({ worked: false, looked, resolve });
      return promise;
    },
    get waiting() {
      return asked.length > 0;
    },
    look() {
      for (const one of asked) one.looked = true;
    },
    found() {
      for (const one of asked) one.worked = true;
    },
    foundNothing: () => answer(({ looked }) => looked),
    pause() {
      paused++;
      answer(() => true);
    },
    resume() {
      paused--;
    },
  };
}
