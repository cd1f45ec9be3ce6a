import { createHmac, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { mailContext } from '../../examples/local-front-door.ts';
import { eventTypes, placed, scanned, sharedDoor } from '../support/story.ts';

let door: FrontDoor;
let orderId: string;
let link: string;
beforeAll(async () => {
  door = await sharedDoor();
  orderId = await placed(door);
  link = await door.callbackLink(orderId, 'AwaitPicking');
});

const open = (url: string, method = 'GET') => fetch(url, { method, headers: { accept: 'text/html' } });
const changed = (change: (url: URL) => void) => {
  const url = new URL(link);
  change(url);
  return url.href;
};

describe('a callback link', () => {
  test('opened by a mail scanner a hundred times changes nothing', async () => {
    const pages = await Promise.all(Array.from({ length: 100 }, (_, n) => open(link, n % 2 ? 'GET' : 'HEAD')));
    expect(pages.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect((await door.getOrder(orderId)).body.status).toBe('labelled');
  });

  test('shows a page that nobody may frame, store or leak, without script', async () => {
    const page = await open(link);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await page.text()).not.toContain('<script');
  });

  test.each([
    ['forged', () => changed((url) => url.searchParams.set('sig', 'A'.repeat(43)))],
    ['truncated', () => link.slice(0, -10)],
    ['without a signature', () => changed((url) => url.searchParams.delete('sig'))],
    ['of another wait', () => link.replace('AwaitPicking', 'AwaitCarrierPickup')],
    ['with a later expiry', () => changed((url) => url.searchParams.set('exp', '9999999999'))],
  ])('that is %s is refused and says nothing about the order', async (_, url) => {
    for (const method of ['GET', 'POST']) {
      const answer = await open(url(), method);
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain(orderId);
    }
  });

  const press = (url: string, action: string) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ action }),
    });

  test('answered twice alike is answered once', async () => {
    expect((await door.answerByLink(link, 'picked', 'Robin')).status).toBe(200);
    expect((await press(link, 'picked')).status).toBe(200);
    await door.orderIn(orderId, 'confirmed');
    expect((await eventTypes(door, orderId)).filter((type) => type === 'OrderPicked')).toHaveLength(1);
  });

  test('answered after another answer is told the recorded one and changes nothing', async () => {
    const cancelled = await placed(door);
    const late = await door.callbackLink(cancelled, 'AwaitPicking');
    await door.cancelOrder(cancelled);
    await door.orderIn(cancelled, 'cancelled');
    const answer = await press(late, 'picked');
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('OrderCancelled');
    expect(await eventTypes(door, cancelled)).not.toContain('OrderPicked');
  });

  test('that was sent to the wrong place is replaced: the new one is mailed to another contact, the old one says so', async () => {
    const order = await placed(door);
    const lost = await door.callbackLink(order, 'AwaitPicking');
    const path = `/waits/${encodeURIComponent(`${order}#AwaitPicking`)}/links`;
    const sent = await door.request('POST', path, { contact: 'supervisor', retireOthers: true });
    expect(sent).toMatchObject({ status: 202, body: { contact: 'supervisor', retiredOthers: true } });
    const newer = await door.callbackLinkTo(mailContext.supervisorEmail, order, 'AwaitPicking');
    const page = await open(lost);
    expect(page.status).toBe(410);
    expect(await page.text()).toContain('This link was replaced by a newer one');
    expect((await press(lost, 'picked')).status).toBe(410);
    expect((await press(newer, 'picked')).status).toBe(200);
    expect(await door.orderIn(order, 'confirmed')).toMatchObject({ picked: { by: 'supervisor' } });
  });

  test('with an action that nobody offered is refused', async () => {
    expect((await press(link, 'destroy')).status).toBe(400);
  });
});

describe("the carrier's webhook", () => {
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${new URL(link).origin}/carrier-events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  test('refuses an event whose signature is wrong, without looking into it', async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const wrong = createHmac('sha256', 'not the key').update(`${timestamp}.{}`).digest('hex');
    for (const headers of [{}, { 'x-carrier-timestamp': timestamp, 'x-carrier-signature': wrong }]) {
      const answer = await post('{ not even JSON', headers);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  test('an event that is sent ten times at once changes one thing', async () => {
    const order = await placed(door);
    const picking = await door.callbackLink(order, 'AwaitPicking');
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => scanned(door, order, id)));
    expect(answers.every(({ status }) => status < 300)).toBe(true);
    await door.answerByLink(picking, 'picked');
    await door.orderIn(order, 'completed');
  });
});
