import { createHash } from 'node:crypto';
import { startOrder } from '../adapters/order-execution.ts';
import { getOrder } from '../adapters/order-table.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { idempotencyKeyPattern, orderIdOf } from '../domain/order-id.ts';
import { orderRequestSchema } from '../domain/order-request.ts';
import { callerOf } from '../middleware/caller.ts';
import { Problem } from '../middleware/problem-json.ts';
import { jsonBody } from '../middleware/request-body.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

/**
 * `POST /orders`: starts the order's execution and writes nothing else, so there is no gap between a stored order and a
 * started one. The order id comes from caller and Idempotency-Key, and a repeated request gets the same answer for as
 * long as either the execution or the order item is kept.
 */
export const handler = route('PlaceOrder', async (event) => {
  const placedBy = callerOf(event);
  const orderId = orderIdOf(placedBy, idempotencyKeyOf(event));
  const request = jsonBody(event, orderRequestSchema);
  logger.appendKeys({ orderId });

  const requestDigest = createHash('sha256').update(canonicalJson(request)).digest('hex');
  // The order item is asked first because Step Functions forgets a name 90 days after its execution ended.
  const placed =
    (await getOrder(orderId)) ??
    (await startOrder({ ...request, orderId, placedAt: new Date().toISOString(), placedBy, requestDigest }));
  if (placed.requestDigest !== requestDigest) throw keyReused();
  return json(202, { orderId, status: 'accepted' }, { location: `/orders/${orderId}` });
});

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
