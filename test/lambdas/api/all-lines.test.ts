/** Everything that a picker needs of a big order: by the link of its wait, and in the inbox. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { OrderLine } from '../../../lambdas/domain/order.ts';
import { manyLines } from '../../support/big-orders.ts';
import { request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startS3 } from '../../support/s3.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';
import { waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const s3 = await startS3();
afterAll(s3.stop);
const { handler: showWait } = await import('../../../lambdas/api/show-wait.ts');
const { handler: inbox } = await import('../../../lambdas/api/inbox.ts');
const { handler: getOrder } = await import('../../../lambdas/api/get-order.ts');
const { giveAnswer, openWait, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { retireLinks } = await import('../../../lambdas/adapters/wait-links.ts');
const { keepLines, putPlacedLines } = await import('../../../lambdas/adapters/order-lines.ts');
const { appendEvent, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { callbackLinkOf, deadlineOf } = await import('../../../lambdas/domain/wait.ts');
const { orderIdOf } = await import('../../../lambdas/domain/order-id.ts');
const { parseCallbackKeys, signCallback } = await import('../../../lambdas/domain/callback-signature.ts');
const { signInboxLink } = await import('../../../lambdas/domain/inbox-link.ts');

const now = new Date('2030-01-02T04:00:00.000Z');
vi.useFakeTimers({ toFake: ['Date'], now });
const keys = parseCallbackKeys(aws.secrets.get('callback-keys')!);
const session = signInboxLink({ role: 'warehouse', name: 'Ada', expiresAtSeconds: now.getTime() / 1000 + 60 }, keys);

/** A charged order with these lines that stands in a wait. */
async function askedOrder(lines: OrderLine[], changes: object = {}) {
  const { lines: _, ...placed } = placedOrder({ orderId: orderIdOf('shop', `${Math.random()}`) });
  const { orderId } = placed;
  if (lines.length <= 90) await placeOrder({ ...placed, lines });
  else {
    const linesRef = await putPlacedLines(orderId, lines);
    await placeOrder({ ...placed, linesRef }, () => keepLines(orderId, linesRef));
  }
  await appendEvent(orderId, () => ({ type: 'PaymentCharged', at: now.toISOString(), chargeId: 'ch', amountMinor: 1 }));
  const message = waitMessage({ orderId, ...changes });
  await openWait(message, now);
  const link = callbackLinkOf({ ...message, expiresAt: deadlineOf(message) }, 'warehouse');
  const { pathname, search } = new URL(signCallback('https://api.example.com', link, keys));
  return { orderId, message, waitId: message.waitId, path: pathname + search };
}
const open = (path: string, accept = 'text/html') => {
  const waitId = decodeURIComponent(path.split('?')[0]!.slice('/waits/'.length));
  return request(showWait, { path, pathParameters: { waitId }, headers: { accept }, authorizer: null });
};
const openInbox = (query: string) =>
  request(inbox, { path: `/inbox?${session}&${query}`, headers: { accept: 'text/html' }, authorizer: null });
const get = (orderId: string) => request(getOrder, { path: `/orders/${orderId}`, pathParameters: { orderId } });

const unescaped = (html: string) => html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
/** Where a link of the page leads, as a browser sees it. */
const hrefOf = (html: string, text: string) =>
  unescaped(new RegExp(`<a [^>]*href="([^"]*)">${text}`).exec(html)?.[1] ?? '');
const follow = (from: string, href: string) => {
  const { pathname, search } = new URL(href, `https://x${from}`);
  return pathname + search;
};
const linesIn = (html: string) =>
  [...html.matchAll(/<li><label><input type=checkbox> <b>(\d+)<\/b> × ([^<]*)<\/label>/g)].map(([, quantity, sku]) => ({
    sku: unescaped(sku!),
    quantity: Number(quantity),
  }));
const asked = (lines: readonly OrderLine[]) => lines.map(({ sku, quantity }) => ({ sku, quantity }));
const keptAt = async (orderId: string) => (await s3.keys()).find((key) => key.startsWith(`orders/${orderId}/`))!;

describe('the page of a wait', () => {
  it('leads to all lines of a big order, in their order, and they lead back', async () => {
    const lines = manyLines(5_000);
    const { path, orderId } = await askedOrder(lines);
    const question = await open(path);
    expect(question.text).toContain('and 4,980 more lines');
    const there = follow(path, hrefOf(question.text, 'All lines'));
    const page = await open(there);
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(linesIn(page.text)).toEqual(asked(lines));
    expect(page.text).toContain(`Order ${orderId}`);
    expect(page.text).toContain('5,000 lines, 9,999 pieces.');
    expect((await open(follow(there, hrefOf(page.text, 'Back')))).text).toBe(question.text);
  });

  it('has no such link where all lines are on it, and shows them at that address too', async () => {
    const lines = manyLines(90);
    const { path } = await askedOrder(lines);
    expect((await open(path)).text).not.toContain('All lines');
    expect(linesIn((await open(`${path}&lines=all`)).text)).toEqual(asked(lines));
  });

  it('keeps what others add to a link out of its own links', async () => {
    const { path } = await askedOrder(manyLines(91));
    const { text } = await open(`${path}&utm_source=mail&x="><script>`);
    expect(hrefOf(text, 'All lines')).toBe(`?${path.split('?')[1]}&lines=all`);
  });

  it('of the most and the longest lines is a tenth of what a Lambda may answer', async () => {
    const longest = Array.from({ length: 5_000 }, (_, n) => ({
      sku: `${n}`.padStart(5, '0').padEnd(64, 'x'),
      quantity: 10_000,
      unitPriceMinor: n === 0 ? 1 : 0,
    }));
    const { path } = await askedOrder(longest);
    const { text, headers } = await open(`${path}&lines=all`);
    // As it is sent: the body is a member of JSON.
    expect(Buffer.byteLength(JSON.stringify({ body: text, headers }))).toBeLessThan((6 * 1024 * 1024) / 9);
  });

  it('changes nothing with all lines either, runs no script, and has the headers of every page', async () => {
    const { path } = await askedOrder(manyLines(91));
    const [before, keysBefore] = [await everything(), await s3.keys()];
    const page = await open(`${path}&lines=all`);
    expect(page.text).not.toMatch(/<script|<form|<button|\son\w+=|style="|<img|<link/);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[\w+/]{43}=';/),
    });
    expect(await everything()).toEqual(before);
    expect(await s3.keys()).toEqual(keysBefore);
  });

  it('gives the lines to nobody whose link is forged, expired, retired or used', async () => {
    const { path, message } = await askedOrder(manyLines(91));
    const other = await askedOrder(manyLines(91));
    const all = `${path}&lines=all`;
    const readings = vi.spyOn(await import('../../../lambdas/adapters/object-store.ts'), 'readObject');
    expect((await open(all.replace('gen=0', 'gen=1'))).status).toBe(403);
    expect((await open(`${path.replace('?', '?lines=all&')}`)).status).toBe(403);
    expect((await open(other.path.split('?')[0]! + all.slice(all.indexOf('?')))).status).toBe(403);
    vi.setSystemTime('2031-01-01T00:00:00Z');
    expect((await open(all)).status).toBe(410);
    vi.setSystemTime(now);
    await giveAnswer(message, { action: 'picked', by: 'Robin', at: now.toISOString() });
    expect((await open(all)).text).toContain('answered by Robin');
    await retireLinks((await readWait(other.waitId))!, 'supervisor', now);
    expect((await open(`${other.path}&lines=all`)).status).toBe(410);
    expect(readings).not.toHaveBeenCalled();
    readings.mockRestore();
  });

  it('is for people: a program that asks for JSON gets the wait, as without', async () => {
    const { path } = await askedOrder(manyLines(91));
    const answer = await open(`${path}&lines=all`, 'application/json');
    expect(answer.body).toEqual((await open(path, 'application/json')).body);
  });
});

describe('the inbox', () => {
  it('leads from an order to all of its lines, and they lead back', async () => {
    const lines = manyLines(300);
    const { orderId } = await askedOrder(lines);
    const found = await openInbox(`order=${orderId}`);
    expect(found.text).toContain('and 280 more lines: <a');
    const there = follow('/inbox', hrefOf(found.text, 'all lines'));
    const page = await openInbox(there.slice(`/inbox?${session}&`.length));
    expect(linesIn(page.text)).toEqual(asked(lines));
    expect(follow(there, hrefOf(page.text, 'Back'))).toBe(`/inbox?${session}&order=${orderId}`);
  });

  it('shows them of no order that the role does not see', async () => {
    const { orderId } = await askedOrder(manyLines(91), {
      kind: 'operator',
      waitId: `${orderIdOf('x', 'y')}#AwaitOperator-1`,
    });
    expect(linesIn((await openInbox(`order=${orderId}&lines=all`)).text)).toEqual([]);
    expect(linesIn((await openInbox('lines=all')).text)).toEqual([]);
  });
});

describe('of a charged order whose lines are', () => {
  it.each([
    ['damaged', (key: string) => s3.write(key, '[{"sku":"gold","quantity":9999,"unitPriceMinor":1}]')],
    ['cut off', async (key: string) => s3.write(key, (await s3.read(key)).slice(0, 100))],
    ['gone', (key: string) => s3.remove(key)],
  ])('%s, what is known is told, and that it is not all; an alarm hears of it', async (_, harm) => {
    const lines = manyLines(91);
    const { orderId, path } = await askedOrder(lines);
    await harm(await keptAt(orderId));
    const logs = await logsOf(async () => {
      const { status, body, text } = await get(orderId);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        orderId,
        status: 'charged',
        lineCount: 91,
        payment: { chargeId: 'ch' },
        linesProblem: { type: 'urn:problem:waybill:order-lines-lost', title: expect.any(String) },
      });
      expect(body).not.toHaveProperty('lines');
      // Nothing short: the id of the order is random text.
      expect(text).not.toMatch(/gold|bucket|orders\/|digest/i);
    });
    expect(logs).toContain('the lines of a charged order are damaged or gone');
    for (const page of [await open(`${path}&lines=all`), await openInbox(`order=${orderId}&lines=all`)]) {
      expect(page.status).toBe(200);
      expect(page.text).toContain('This is not the whole order');
      expect(page.text).toContain('91 lines, of which only the first 20');
      expect(linesIn(page.text)).toEqual(asked(lines.slice(0, 20)));
    }
  });
});

it('while S3 cannot be reached, everybody is told to come again, and the page itself is there', async () => {
  const { orderId, path } = await askedOrder(manyLines(91));
  await s3.stop();
  expect(await get(orderId)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(await open(`${path}&lines=all`)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect((await open(path)).status).toBe(200);
});
