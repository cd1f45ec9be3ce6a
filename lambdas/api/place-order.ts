import { createHash } from 'node:crypto';
import { startOrder } from '../adapters/order-execution.ts';
import { putPlacedLines } from '../adapters/order-lines.ts';
import { getOrder } from '../adapters/order-table.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { LinesOrRef } from '../domain/order.ts';
import { idempotencyKeyPattern, orderIdOf } from '../domain/order-id.ts';
import { maxInlineLines } from '../domain/order-lines.ts';
import { type OrderRequest, orderRequestSchema } from '../domain/order-request.ts';
import { callerOf } from '../middleware/caller.ts';
import { Problem } from '../middleware/problem-json.ts';
import { jsonBody } from '../middleware/request-body.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

/**
 * An order of the most and the longest lines has 0.6 MB, indented 1.2 MB. An execution's input is far below its limit of
 * 256 KiB all the same: every text in an order has its own limit, and many lines do not travel with it.
 */
const maxBytes = 1.5 * 1024 * 1024;

/**
 * `POST /orders`: starts the order's execution and writes nothing else, so there is no gap between a stored order and a
 * started one. (The lines of a big order are put aside first, where nobody looks for them without it.) The order id comes
 * from caller and Idempotency-Key, and a repeated request gets the same answer for as long as either the execution or the
 * order item is kept.
 */
export const handler = route('PlaceOrder', async (event) => {
  const placedBy = callerOf(event);
  const orderId = orderIdOf(placedBy, idempotencyKeyOf(event));
  const request = jsonBody(event, orderRequestSchema, maxBytes);
  logger.appendKeys({ orderId });

  const requestDigest = createHash('sha256').update(canonicalJson(request)).digest('hex');
  // The order item is asked first because Step Functions forgets a name 90 days after its execution ended.
  const placed = (await getOrder(orderId)) ?? (await start(request, { orderId, placedBy, requestDigest }));
  if (placed.requestDigest !== requestDigest) throw keyReused();
  return json(202, { orderId, status: 'accepted' }, { location: `/orders/${orderId}` });
});

async function start(request: OrderRequest, known: { orderId: string; placedBy: string; requestDigest: string }) {
  const { lines, ...rest } = request;
  const travelling: LinesOrRef =
    lines.length > maxInlineLines ? { linesRef: await putPlacedLines(known.orderId, lines) } : { lines };
  return startOrder({ ...rest, ...travelling, ...known, placedAt: new Date().toISOString() });
}

function idempotencyKeyOf(event: ApiEvent): string {
  const key = event.headers['idempotency-key'];
  if (key !== undefined && idempotencyKeyPattern.test(key)) return key;
  throw new Problem(
    400,
    'idempotency-key',
    key === undefined ? 'The Idempotency-Key is missing' : 'The Idempotency-Key is malformed',
    'Choose one key per order and send it with every try of that order.',
    {
      errors: [
        {
          header: 'idempotency-key',
          found: key === undefined ? 'nothing' : `${key.length} characters`,
          expected: '1 to 255 visible ASCII characters',
        },
      ],
    },
  );
}

function keyReused(): Problem {
  return new Problem(
    422,
    'idempotency-key-reused',
    'This Idempotency-Key belongs to another order',
    'The key was sent before with a different body. Use a new key for a new order.',
    {
      errors: [
        { header: 'idempotency-key', found: 'a key that was used with another body', expected: 'one key per order' },
      ],
    },
  );
}
