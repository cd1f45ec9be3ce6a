import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MigrationRecord, type MigrationRecords, migrationRecords } from '../../../operations/migrate/record.ts';
import { openStack } from '../../../operations/stack-access.ts';
import { type Stage, startStage } from './stage.ts';

let stage: Stage;
let records: MigrationRecords;
beforeAll(async () => {
  stage = await startStage();
  await stage.deploy();
  records = migrationRecords((await openStack({ state: stage.stateDir })).dynamodb, 'orders');
});
afterAll(() => stage[Symbol.asyncDispose]());

const record = (orderId: string, number: number): MigrationRecord => ({
  orderId,
  from: `arn:${orderId}-${number}`,
  fromVersion: 'arn:3',
  toVersion: 'arn:4',
  name: `${orderId}-${number + 1}`,
  plannedAt: `2030-01-0${number}T00:00:00.000Z`,
});

const of = async (orderId: string) => (await records.all()).find((one) => one.orderId === orderId);

describe('the record that an order is being moved', () => {
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

  it('is found among the orders, and only records are', async () => {
    await stage.endOrder('ord_c');
    await records.put(record('ord_c', 1));
    const found = (await records.all()).map(({ orderId }) => orderId);
    expect(found.toSorted()).toEqual(['ord_a', 'ord_c']);
  });
});
