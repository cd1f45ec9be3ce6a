import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimerHeap, type HeapTimer } from '../../../local/engine/timer-heap.ts';

test('timers come out by time, then in the order in which they were armed, without the cancelled ones', () => {
  const timers = fc.array(fc.record({ dueAt: fc.integer({ min: 0, max: 50 }), cancelled: fc.boolean() }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(timers, (plan) => {
      const heap = createTimerHeap();
      const added = plan.map(({ dueAt }, order): HeapTimer => {
        const timer = { dueAt, order, callback: () => {}, cancelled: false };
        heap.add(timer);
        return timer;
      });
      for (const [index, { cancelled }] of plan.entries()) if (cancelled) heap.cancel(added[index]!);
      const left = added.filter((_, index) => !plan[index]!.cancelled);
      expect(heap.size).toBe(left.length);
      const popped: HeapTimer[] = [];
      for (let timer = heap.pop(); timer; timer = heap.pop()) popped.push(timer);
      expect(popped).toEqual(left.toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order));
    }),
  );
});
