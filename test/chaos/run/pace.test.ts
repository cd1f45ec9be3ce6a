import { expect, test } from 'vitest';
import { createCpuMeter, paceOf } from './pace.ts';

test('orders that take twice as long at the end are twice as slow, on the wall and of CPU', () => {
  const samples = Array.from({ length: 41 }, (_, index) => {
    const slow = Math.max(0, index - 20);
    return { orders: index * 100, seconds: index * 10 + slow * 10, cpuSeconds: index * 5 + slow * 5 };
  });
  const { orders, first, last } = paceOf(samples)!;
  expect(orders).toBe(400);
  expect(first.wall).toBeCloseTo(0.1);
  expect(first.cpu).toBeCloseTo(0.05);
  expect(last.wall / first.wall).toBeCloseTo(2);
  expect(last.cpu / first.cpu).toBeCloseTo(2);
});

test('of ten thousand orders a thousand are compared, of fewer than a hundred none', () => {
  const ends = (orders: number) => [
    { orders: 0, seconds: 0, cpuSeconds: 0 },
    { orders, seconds: orders, cpuSeconds: orders },
  ];
  expect(paceOf(ends(10_000))).toEqual({ orders: 1_000, first: { wall: 1, cpu: 1 }, last: { wall: 1, cpu: 1 } });
  expect(paceOf(ends(99))).toBeUndefined();
  expect(paceOf([])).toBeUndefined();
});

test('a process that is gone keeps what it used, and a new one begins at nothing', () => {
  const meter = createCpuMeter();
  meter(new Map([[1, 1000]]));
  meter(
    new Map([
      [1, 3000],
      [2, 500],
    ]),
  );
  expect(meter(new Map([[2, 1500]]))).toBe(4.5);
  expect(meter(new Map([[3, 200]]))).toBe(4.7);
});
