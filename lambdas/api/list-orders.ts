import * as z from 'zod';
import { listOrdersByStatus } from '../adapters/order-table.ts';
import { orderStatuses } from '../domain/order.ts';
import { orderIdPattern } from '../domain/order-id.ts';
import { decodeCursor, encodeCursor } from '../middleware/cursor.ts';
import { oneOf } from '../middleware/parameter.ts';
import { json, route } from '../middleware/route.ts';
import { shownOrder } from './shown-order.ts';

const pageSize = 50;
const position = { orderId: z.string().regex(orderIdPattern), createdAt: z.iso.datetime() };

/** `GET /orders?status=&cursor=`: orders with a status, newest first. `cursor` in the answer leads to the next page. */
export const handler = route('ListOrders', async (event) => {
  const status = oneOf('status', orderStatuses, event.queryStringParameters?.status);
  const list = `orders/${status}`;
  const cursor = event.queryStringParameters?.cursor;
  const after = cursor === undefined ? undefined : decodeCursor(list, position, cursor);
  const { orders, next } = await listOrdersByStatus(status, pageSize, after);
  return json(200, { orders: orders.map(shownOrder), ...(next && { cursor: encodeCursor(list, next) }) });
});
