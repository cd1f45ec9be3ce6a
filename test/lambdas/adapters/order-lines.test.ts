import { afterAll, expect, test } from 'vitest';
import { manyLines } from '../../support/big-orders.ts';
import { startS3 } from '../../support/s3.ts';

const s3 = await startS3();
afterAll(s3.stop);
const { keepLines, putPlacedLines, readLines } = await import('../../../lambdas/adapters/order-lines.ts');

const keyOf = (folder: string, orderId: string, digest: string) => `${folder}/${orderId}/${digest}.json`;

test('what was put is kept, and read as it was', async () => {
  const lines = manyLines(5_000);
  const ref = await putPlacedLines('ord_1', lines);
  expect(ref).toEqual({
    count: 5_000,
    totalMinor: lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0),
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    first: lines.slice(0, 20),
  });
  await keepLines('ord_1', ref);
  expect(await readLines('ord_1', ref)).toEqual(lines);
});

test('the same order writes the same object, however often; other lines are another object', async () => {
  const ref = await putPlacedLines('ord_2', manyLines(100));
  expect(await putPlacedLines('ord_2', manyLines(100))).toEqual(ref);
  const other = await putPlacedLines('ord_2', manyLines(101));
  await keepLines('ord_2', ref);
  await keepLines('ord_2', ref);
  expect((await s3.keys()).filter((key) => key.includes('ord_2'))).toEqual(
    [
      keyOf('orders', 'ord_2', ref.digest),
      ...[ref, other].map(({ digest }) => keyOf('placed', 'ord_2', digest)),
    ].sort(),
  );
});

test('lines that are not those of the digest are neither kept nor read', async () => {
  const ref = await putPlacedLines('ord_3', manyLines(100));
  await keepLines('ord_3', ref);
  const text = await s3.read(keyOf('orders', 'ord_3', ref.digest));
  const cheaper = text.replace('"unitPriceMinor":150', '"unitPriceMinor":100');
  expect(cheaper).not.toBe(text);
  for (const folder of ['placed', 'orders']) await s3.write(keyOf(folder, 'ord_3', ref.digest), cheaper);
  await expect(readLines('ord_3', ref)).rejects.toMatchObject({ name: 'OrderLinesDamaged' });
  await expect(keepLines('ord_3', ref)).rejects.toMatchObject({ name: 'OrderLinesDamaged' });
});

test('lines that are not there cannot be kept, and are not read', async () => {
  const ref = { count: 100, totalMinor: 1, digest: 'a'.repeat(64), first: [] };
  await expect(keepLines('ord_4', ref)).rejects.toMatchObject({ name: 'OrderLinesDamaged' });
  expect(await readLines('ord_4', ref)).toBeUndefined();
});

test('SKUs in any letters come back as they were', async () => {
  const lines = [{ sku: 'tea-grün-茶-🍵', quantity: 1, unitPriceMinor: 1 }];
  const ref = await putPlacedLines('ord_5', lines);
  await keepLines('ord_5', ref);
  expect(await readLines('ord_5', ref)).toEqual(lines);
});
