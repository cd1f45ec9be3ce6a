export interface HeapTimer {
  readonly dueAt: number;
  /** Breaks ties: what was armed first fires first. */
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

export interface TimerHeap {
  readonly size: number;
  add(timer: HeapTimer): void;
  cancel(timer: HeapTimer): void;
  /** The earliest timer that was not cancelled. */
  peek(): HeapTimer | undefined;
  pop(): HeapTimer | undefined;
}

/** Binary min-heap by time. Cancelling only marks; once half of the heap is marked it is built anew, so memory stays bounded. */
export function createTimerHeap(): TimerHeap {
  let timers: HeapTimer[] = [];
  let cancelled = 0;

  const before = (a: HeapTimer, b: HeapTimer) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);

  function up(index: number): void {
    const timer = timers[index]!;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, timers[parent]!)) break;
      timers[index] = timers[parent]!;
      index = parent;
    }
    timers[index] = timer;
  }

  function down(index: number): void {
    const timer = timers[index]!;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && before(timers[child + 1]!, timers[child]!)) child += 1;
      if (!before(timers[child]!, timer)) break;
      timers[index] = timers[child]!;
      index = child;
    }
    timers[index] = timer;
  }

  function removeFirst(): HeapTimer | undefined {
    const first = timers[0];
    const last = timers.pop();
    if (first && last && first !== last) {
      timers[0] = last;
      down(0);
    }
    return first;
  }

  function dropCancelled(): void {
    while (timers[0]?.cancelled) {
      removeFirst();
      cancelled -= 1;
    }
  }

  return {
    get size() {
      return timers.length - cancelled;
    },
    add(timer) {
      timers.push(timer);
      up(timers.length - 1);
    },
    cancel(timer) {
      if (timer.cancelled) return;
      timer.cancelled = true;
      cancelled += 1;
      if (cancelled > 64 && cancelled * 2 > timers.length) {
        timers = timers.filter((t) => !t.cancelled);
        cancelled = 0;
        for (let i = (timers.length >> 1) - 1; i >= 0; i -= 1) down(i);
      }
    },
    peek() {
      dropCancelled();
      return timers[0];
    },
    pop() {
      dropCancelled();
      return removeFirst();
    },
  };
}
