import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, test } from 'vitest';
import { untilSettled, writeAll } from '../../../lambdas/adapters/transaction.ts';

// Our emulator never reports a conflict; DynamoDB does whenever two transactions meet on an item.
const dynamodb = mockClient(DynamoDBDocumentClient);
afterEach(() => void dynamodb.reset());

const cancelledBy = (...CancellationReasons: object[]) =>
  new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons });

describe('a transaction that is cancelled', () => {
  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'by %s may be tried again',
    async (Code) => {
      dynamodb.on(TransactWriteCommand).rejects(cancelledBy({ Code: 'None' }, { Code }));
      expect(await writeAll([])).toEqual({ result: 'conflict' });
    },
  );

  test('by conditions says which, and what was there', async () => {
    const refused = { Code: 'ConditionalCheckFailed', Item: { sku: { S: 'cup' }, available: { N: '1' } } };
    dynamodb.on(TransactWriteCommand).rejects(cancelledBy({ Code: 'None' }, refused, { Code: 'TransactionConflict' }));
    expect(await writeAll([])).toEqual({
      result: 'refused',
      refused: [{ index: 1, was: { sku: 'cup', available: 1 } }],
    });
  });

  test('for another reason is a defect', async () => {
    dynamodb.on(TransactWriteCommand).rejects(cancelledBy({ Code: 'ValidationError' }));
    await expect(writeAll([])).rejects.toThrow('cancelled');
  });
});

describe('an attempt that somebody was faster than', () => {
  test('is made again until it gives a value', async () => {
    let attempts = 0;
    expect(await untilSettled(async () => (++attempts === 3 ? 'value' : undefined))).toBe('value');
    expect(attempts).toBe(3);
  });

  test('is given up in the end', async () => {
    let attempts = 0;
    const never = async () => {
      attempts++;
      return undefined;
    };
    expect(await untilSettled(never)).toBeUndefined();
    expect(attempts).toBe(6);
  });
});
