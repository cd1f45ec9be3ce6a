/** What a route takes, in three places that must agree: the route, the text of its 415, and the API's description. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { routes } from '../../../lib/order-api.ts';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { waitMessage } from '../../support/wait-events.ts';

const { aws } = await startSurroundings();
const { openApiDocument } = await import('../../../lambdas/api/openapi/document.ts');
const { openWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { orderIdOf } = await import('../../../lambdas/domain/order-id.ts');
const { callbackLinkOf, deadlineOf } = await import('../../../lambdas/domain/wait.ts');
const { parseCallbackKeys, signCallback } = await import('../../../lambdas/domain/callback-signature.ts');
const { signInboxLink } = await import('../../../lambdas/domain/inbox-link.ts');
const { signWebhook } = await import('../../../lambdas/domain/webhook-signature.ts');

const body = 'a,b';
const orderId = orderIdOf('shop', randomUUID());
const message = waitMessage({ orderId: placedOrder().orderId, enteredAt: new Date().toISOString() });
await openWait(message, new Date());
const keys = parseCallbackKeys(aws.secrets.get('callback-keys')!);
const link = new URL(
  signCallback('https://x', callbackLinkOf({ ...message, expiresAt: deadlineOf(message) }, 'warehouse'), keys),
);
const inHour = Math.floor(Date.now() / 1000) + 3600;
const session = signInboxLink({ role: 'warehouse', name: 'Ada', expiresAtSeconds: inHour }, keys);
const timestamp = String(Math.floor(Date.now() / 1000));

/** A request that the route takes, but for its body. */
const good: Record<string, Omit<RequestOptions, 'path'> & { path?: string }> = {
  'place-order': { headers: { 'idempotency-key': randomUUID() } },
  'cancel-order': { pathParameters: { orderId } },
  'answer-wait': { path: link.pathname + link.search, pathParameters: { waitId: message.waitId } },
  'resend-link': { pathParameters: { waitId: message.waitId } },
  'inbox-answer': { path: `/inbox/answers?${session}` },
  'inbox-claim': { path: `/inbox/claims?${session}` },
  'inbox-link': {},
  'carrier-event': {
    headers: {
      'x-carrier-timestamp': timestamp,
      'x-carrier-signature': signWebhook('the key of the carrier', timestamp, body),
    },
  },
};
const posting = Object.entries(routes).filter(([, { method }]) => method === 'POST');

it.each(posting)('%s says in its 415 what it takes, as the description does', async (name, { path }) => {
  const { handler } = await import(`../../../lambdas/api/${name}.ts`);
  // biome-ignore lint/suspicious/noExplicitAny: any operation.
  const operation = (openApiDocument().paths as any)[path].post;
  const types = Object.keys(operation.requestBody.content);
  for (const sent of ['text/csv', undefined]) {
    const headers = { accept: 'application/json', ...good[name]!.headers, ...(sent && { 'content-type': sent }) };
    const answer = await request(handler, { path, method: 'POST', body, ...good[name]!, headers });
    expect(answer).toMatchObject({
      status: 415,
      headers: { accept: types.join(', ') },
      body: {
        detail: `Send ${types.join(' or ')}.`,
        errors: [{ header: 'content-type', found: sent ?? 'nothing', expected: types.join(' or ') }],
      },
    });
  }
  expect(operation.responses).toHaveProperty('415');
});
