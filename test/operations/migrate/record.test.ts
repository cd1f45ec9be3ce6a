import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MigrationRecord, type OrderRecords, orderRecords } from '../../../operations/migrate/record.ts';
import { openStack } from '../../../operations/stack-access.ts';
import { type Stage, startStage } from './stage.ts';

let stage: Stage;
let records: OrderRecords;
beforeAll(async () => {
  stage = await startStage();
  await stage.deploy();
  records = orderRecords((await openStack({ state: stage.stateDir })).dynamodb, 'orders');
});
afterAll(() => stage[Symbol.asyncDispose]());

const record = (orderId: string, number: number): MigrationRecord => ({
  kind: 'move',
  orderId,
  by: 'ada@laptop',
  from: `arn:${orderId}-${number}`,
  fromVersion: 'arn:3',
  toVersion: 'arn:4',
  name: `${orderId}-${number + 1}`,
  plannedAt: `2030-01-0${number}T00:00:00.000Z`,
});

const of = (orderId: string) => records.get(orderId);

describe('the record that a command is at an order', () => {
  it('is made once, by one command; its own second try finds its own', async () => {
    expect(await records.put(record('ord_a', 1))).toBe(true);
    expect(await records.put(record('ord_a', 1))).toBe(true);
    expect(await records.put({ ...record('ord_a', 1), plannedAt: '2031-01-01T00:00:00.000Z' })).toBe(false);
    expect(await records.put(record('ord_a', 2))).toBe(false);
    expect(await of('ord_a')).toEqual(record('ord_a', 1));
  });

  it('is removed by who made it, or who finished it, and not by who comes late and means an older one', async () => {
    await records.put(record('ord_b', 1));
    await records.remove(record('ord_b', 1));
    await records.put(record('ord_b', 2));
    await records.remove(record('ord_b', 1));
    expect(await of('ord_b')).toEqual(record('ord_b', 2));
    await records.remove(record('ord_b', 2));
    await records.remove(record('ord_b', 2));
    expect(await of('ord_b')).toBeUndefined();
  });

  it('of the same execution is not removed by who had one before', async () => {
    const before = record('ord_e', 1);
    await records.put(before);
    await records.remove(before);
    const now = { ...before, plannedAt: '2031-01-01T00:00:00.000Z' };
    await records.put(now);
    await records.remove(before);
    expect(await of('ord_e')).toEqual(now);
    await records.remove(now);
  });

  it('takes the place of another where it is said which, and of no other', async () => {
    const [first, second, third] = [1, 2, 3].map((number) => record('ord_f', number)) as [
      MigrationRecord,
      MigrationRecord,
      MigrationRecord,
    ];
    await records.put(first);
    expect(await records.put(second, third)).toBe(false);
    expect(await records.put(second, first)).toBe(true);
    expect(await records.put(third, first)).toBe(false);
    expect(await of('ord_f')).toEqual(second);
    await records.remove(second);
  });

  it('is found among the orders, and only records are', async () => {
    await stage.endOrder('ord_c');
    await records.put(record('ord_c', 1));
    const found = (await records.all()).map(({ orderId }) => orderId);
    expect(found.toSorted()).toEqual(['ord_a', 'ord_c']);
  });
});
