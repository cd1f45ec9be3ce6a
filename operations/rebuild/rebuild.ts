import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { wasWritten } from '../../lambdas/adapters/conditional-write.ts';
import type { Order } from '../../lambdas/domain/order.ts';
import { foldOrder, type RecordedEvent } from '../../lambdas/domain/order-events.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { StackAccess } from '../stack-access.ts';

type Item = Record<string, unknown>;

/**
 * Folds the events of an order again and compares what they make with the order item, which every event was written with: they differ only
 * where somebody has written the table by hand, or restored a part of it. `repair` puts what the events say in the item's place, as
 * long as the item is the one that was compared. Says whether the item is right in the end.
 */
export async function rebuild(
  stack: Pick<StackAccess, 'dynamodb' | 'output'>,
  { order: orderId, repair }: { order: string; repair: boolean },
  print: (line: string) => void,
): Promise<boolean> {
  const table = stack.output('OrdersTableName');
  const { item, events } = await read(stack.dynamodb, table, orderId);
  const rebuilt = fold(orderId, item, events);
  const differences = differencesOf(item, rebuilt);
  if (differences.length === 0) {
    print(`${orderId} is what its ${events.length} events say.`);
    return true;
  }
  for (const line of differences) print(line);
  if (!repair) {
    print(`Nothing was changed. --repair writes what the ${events.length} events say.`);
    return false;
  }
  const put = new PutCommand({
    TableName: table,
    Item: { ...rebuilt, sk: 'order' },
    ...(item?.version === undefined
      ? { ConditionExpression: 'attribute_not_exists(version)' }
      : { ConditionExpression: 'version = :compared', ExpressionAttributeValues: { ':compared': item.version } }),
  });
  if (!(await wasWritten(stack.dynamodb.send(put)))) {
    throw new CannotGoOn(`${orderId} was written meanwhile, nothing was changed: run the command again.`);
  }
  print(`${orderId} is now what its ${events.length} events say.`);
  return true;
}

/** The whole partition at once, so that what was written in one transaction is read together but for a moment. */
async function read(dynamodb: DynamoDBDocumentClient, table: string, orderId: string) {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'orderId = :orderId',
        ExpressionAttributeValues: { ':orderId': orderId },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  const withoutSk = ({ sk: _, ...rest }: Item) => rest;
  const item = items.find(({ sk }) => sk === 'order');
  return {
    item: item && withoutSk(item),
    events: items.filter(({ sk }) => String(sk).startsWith('event#')).map(withoutSk) as unknown as RecordedEvent[],
  };
}

/** Throws a sentence where the events are not the whole history: then they are no better than the item. */
function fold(orderId: string, item: Item | undefined, events: readonly RecordedEvent[]): Order {
  if (!item && events.length === 0) throw new CannotGoOn(`There is no order ${orderId}.`);
  const lost = (why: string) =>
    new CannotGoOn(`The history of ${orderId} is not whole, so nothing is made of it: ${why}.`);
  let order: Order | undefined;
  try {
    order = foldOrder(events);
  } catch (error) {
    throw lost((error as Error).message);
  }
  const version = Number(item?.version ?? 0);
  if (!order || order.version < version) {
    throw lost(`the item is of version ${version}, the last event of version ${order?.version ?? 0}`);
  }
  return order;
}

function differencesOf(item: Item = {}, rebuilt: Order): string[] {
  const said = rebuilt as unknown as Item;
  const names = [...new Set([...Object.keys(said), ...Object.keys(item)])];
  return names
    .filter((name) => !isDeepStrictEqual(item[name], said[name]))
    .map((name) => `${name}: is ${shown(item[name])}, its events say ${shown(said[name])}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
