import { afterAll, expect, test } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const { keepReference, loadReference, withdrawKey } = await import('../../../lambdas/adapters/provider-references.ts');

let keys = 0;
const newKey = () => `ord_${++keys}#ChargePayment`;

test('nothing is known of a key that was never used', async () => {
  expect(await loadReference(newKey())).toBeUndefined();
});

test('of several ids that are kept under a key beside each other one stands, and everybody is told which', async () => {
  const key = newKey();
  const ids = Array.from({ length: 5 }, (_, index) => `pi_${index}`);
  const told = await Promise.all(ids.map((id) => keepReference(key, id)));
  expect(ids).toContain(told[0]!.reference);
  for (const each of told) expect(each).toEqual(told[0]);
  expect(await loadReference(key)).toEqual(told[0]);
});

test('a key keeps the id that it was given, and takes it again', async () => {
  const key = newKey();
  expect(await keepReference(key, 'pi_1')).toEqual({ reference: 'pi_1' });
  expect(await keepReference(key, 'pi_1')).toEqual({ reference: 'pi_1' });
  expect(await keepReference(newKey(), 'pi_2')).toEqual({ reference: 'pi_2' });
});

test('under a key that was withdrawn nothing is kept any more', async () => {
  const key = newKey();
  expect(await withdrawKey(key)).toEqual({ withdrawn: true });
  expect(await keepReference(key, 'pi_1')).toEqual({ withdrawn: true });
  expect(await withdrawKey(key)).toEqual({ withdrawn: true });
  expect(await loadReference(key)).toEqual({ withdrawn: true });
});

test('a key with an id is not withdrawn: whoever wants to undo it is told what to undo', async () => {
  const key = newKey();
  await keepReference(key, 'pi_1');
  expect(await withdrawKey(key)).toEqual({ reference: 'pi_1' });
  expect(await loadReference(key)).toEqual({ reference: 'pi_1' });
});
