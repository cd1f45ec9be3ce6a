/** Of every route that the stack has, whatever it answers. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { routes } from '../../../lib/order-api.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { request } from '../../support/http-event.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const handlers = Object.fromEntries(
  await Promise.all(
    Object.keys(routes).map(async (name) => [name, (await import(`../../../lambdas/api/${name}.ts`)).handler] as const),
  ),
);
const named = (name: string) => {
  const { method, path } = routes[name]!;
  return { method, path };
};
const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000',
  'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'$/),
};
const [kept, notKept] = [{ 'cache-control': expect.stringContaining('public') }, { 'cache-control': 'no-store' }];

describe('every answer', () => {
  it.each(Object.keys(routes))(
    'of %s, to a program and to a browser, is taken for nothing else, and told to nobody',
    async (name) => {
      for (const accept of ['application/json', 'text/html']) {
        const answer = await request(handlers[name], { ...named(name), headers: { accept } });
        const isPublic = name === 'openapi';
        expect(answer.headers).toMatchObject({ ...always, ...(isPublic ? kept : notKept) });
      }
    },
  );

  it('also when something breaks, of which it says nothing', async () => {
    for (const accept of ['application/json', 'text/html']) {
      // No copy of the keys is kept from before: this route has read none.
      vi.resetModules();
      const { handler } = await import('../../../lambdas/api/show-wait.ts');
      aws.failNext('GetSecretValue', 'AccessDeniedException');
      const answer = await request(handler, { path: '/waits/x', pathParameters: { waitId: 'x' }, headers: { accept } });
      expect(answer).toMatchObject({ status: 500, headers: { ...always, ...notKept } });
      expect(answer.text).not.toMatch(/secret|callback-keys|AccessDenied|the fake/i);
    }
  });
});
