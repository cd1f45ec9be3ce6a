import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, inject, test } from 'vitest';
import { audit, type Played, readStock } from '../../examples/demo/audit.ts';
import { localClient } from '../../examples/local-front-door.ts';
import { placed, scanned, sharedDoor } from '../support/story.ts';

/** What the demo says at its end is worth something only if it says otherwise when the books are wrong. */
test('the audit of the demo names every book that was cooked', async () => {
  const runtime = inject('runtime');
  const door = await sharedDoor();
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(runtime.awsEndpoint)));
  const orderId = await placed(door);
  await door.answerByLink(await door.callbackLink(orderId, 'AwaitPicking'), 'picked');
  await scanned(door, orderId);
  await door.orderIn(orderId, 'completed');
  const played: Played = { story: 'cooked', orderId, expected: 'completed', seconds: 0 };
  const discrepanciesOf = async (...stories: Played[]) => {
    // The stock of the shared shelves belongs to all stories: only what is said of this order counts here.
    const { discrepancies } = await audit(runtime, door, stories, await readStock(dynamodb, runtime));
    return discrepancies.filter((discrepancy) => discrepancy.includes(orderId) && discrepancy.startsWith('cooked'));
  };
  expect(await discrepanciesOf(played)).toEqual([]);

  expect(await discrepanciesOf({ ...played, expected: 'cancelled' })).toEqual([
    expect.stringContaining('outcome: found completed, expected cancelled'),
    expect.stringContaining('money kept'),
    expect.stringContaining('label in use'),
    expect.stringContaining('stock still taken'),
  ]);

  await dynamodb.send(
    new UpdateCommand({
      TableName: runtime.outputs.SandboxTableName!,
      Key: { key: `charge#${orderId}#ChargePayment` },
      UpdateExpression: 'SET amountMinor = amountMinor + :one',
      ConditionExpression: 'attribute_exists(amountMinor)',
      ExpressionAttributeValues: { ':one': 1 },
    }),
  );
  expect(await discrepanciesOf(played)).toEqual([
    expect.stringContaining('charged according to the order and to the gateway: found 899, expected 900'),
    expect.stringContaining('money kept: found 900, expected 899'),
  ]);
});
