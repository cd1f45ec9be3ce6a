/**
 * The pages of callback links in a real browser. SCREENSHOTS=<folder> keeps a picture of each, in phone and desktop width,
 * light and dark, for a person to look at.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesPage } from '../../../lambdas/api/lines-page.ts';
import { expiredLink, invalidLink, retiredLink } from '../../../lambdas/api/link-problems.ts';
import { answeredPage, conflictPage, problemPage, questionPage } from '../../../lambdas/api/wait-page.ts';
import type { Order } from '../../../lambdas/domain/order.ts';
import type { Wait } from '../../../lambdas/domain/wait.ts';
import type { ApiAnswer } from '../../../lambdas/middleware/route.ts';
import { findChromium, startChromium, type Tab } from '../../support/chromium.ts';

const binary = findChromium();
if (!binary) console.warn('No Chromium found (CHROMIUM_BIN names one): the pages are not tested in a browser.');

const order = {
  lines: [
    { sku: 'TEA-ASSAM', quantity: 2, unitPriceMinor: 899 },
    { sku: `A-VERY-LONG-NAME-${'X'.repeat(60)}`, quantity: 1000, unitPriceMinor: 1 },
  ],
} as unknown as Order;
const manyLines = Array.from({ length: 60 }, (_, n) => ({
  sku: n % 50 === 0 ? `A-LONG-NAME-${'X'.repeat(52)}` : `SKU-${n}`,
  quantity: n % 7 === 0 ? 10_000 : n + 1,
  unitPriceMinor: 1,
}));
const linesRef = { count: 5_000, totalMinor: 1, digest: '', first: manyLines.slice(0, 20) };
const orderId = 'ord_2kq7vx3n5m8p4r6t9w1y0z2a4c';
const bigOrder = { orderId, lines: manyLines } as unknown as Order & { lines: typeof manyLines };
const picking: Wait = {
  waitId: `${orderId}#AwaitPicking`,
  orderId,
  kind: 'picking',
  actions: ['picked', 'not-found'],
  contact: 'warehouse',
  expiresAt: '2030-01-03T04:05:06.789Z',
};
const operator: Wait = {
  ...picking,
  waitId: `${orderId}#AwaitOperator-1`,
  kind: 'operator',
  contact: 'operator',
  actions: ['try-again', 'done-by-hand'],
  reasonFor: ['done-by-hand'],
  note: `RefundPayment: GatewayUnavailable: the gateway did not answer ${'8'.repeat(90)}`,
};
const at = '2030-01-02T03:04:05.678Z';
const byAda = { action: 'picked', by: 'Ada Lovelace (warehouse)', at };
const byHand = {
  action: 'done-by-hand',
  by: 'operator',
  at,
  detail: { reason: `Refunded 21.00 EUR at the gateway's own page.\nIts API was down all morning. ${'x'.repeat(80)}` },
};
const asked = { wait: picking, actions: picking.actions!, approver: 'warehouse', order, address: '?sig=x' };
const stuck = { wait: operator, actions: operator.actions!, approver: 'operator', order, address: '?sig=x' };
const pages: Record<string, ApiAnswer> = {
  question: questionPage(asked),
  'question-of-a-person': questionPage({ ...asked, approver: 'Ada Lovelace (warehouse)' }),
  'question-of-an-operator': questionPage(stuck),
  'question-again': questionPage(stuck, { by: 'Ada', reason: '', faults: ['reason'] }),
  'question-without-answers': questionPage({ ...asked, actions: [] }),
  recorded: answeredPage(picking, byAda, 'now'),
  answered: answeredPage(picking, byAda),
  'answered-by-hand': answeredPage(operator, byHand),
  cancelled: answeredPage(picking, { error: 'OrderCancelled', by: 'shop', at }),
  'not-answered': answeredPage(picking, { error: 'WaitExpired', by: 'workflow', at }),
  conflict: conflictPage(picking, byAda),
  'conflict-with-cancellation': conflictPage(picking, { error: 'OrderCancelled', by: 'shop', at }),
  'all-lines': linesPage(bigOrder, bigOrder.lines, '?sig=x'),
  'first-lines': linesPage({ ...bigOrder, lines: undefined, linesRef }, 'lost', '?sig=x'),
  'question-of-many-lines': questionPage({ ...asked, order: { ...bigOrder, lines: undefined, linesRef } }),
  invalid: problemPage(invalidLink()),
  expired: problemPage(expiredLink()),
  retired: problemPage(retiredLink()),
};

/** Also what is not looked at in every width and color. */
const served: Record<string, ApiAnswer> = {
  ...pages,
  'to-print': linesPage(
    bigOrder,
    Array.from({ length: 500 }, (_, n) => ({ sku: `SKU-${n}`, quantity: 3, unitPriceMinor: 1 })),
    '?sig=x',
  ),
};

const widths = [
  [320, 'small-phone'],
  [390, 'phone'],
  [1280, 'desktop'],
] as const;

describe.skipIf(!binary)('in Chromium, a page of a callback link', () => {
  let chromium: Awaited<ReturnType<typeof startChromium>>;
  let tab: Tab;
  const posted: string[] = [];
  const server = createServer(async (request, response) => {
    const { statusCode, headers, body } = served[request.url!.slice(1).split('?')[0]!] ?? { statusCode: 404 };
    if (request.method === 'POST') posted.push(Buffer.concat(await request.toArray()).toString());
    response.writeHead(statusCode!, headers as Record<string, string>).end(body);
  });
  let base: string;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    chromium = await startChromium(binary!);
    tab = await chromium.openTab();
  }, 60_000);
  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]();
    server.close();
  });

  it.each(Object.keys(pages))(
    '%s: fits a phone and a desktop, with one heading, everything named, and large targets',
    async (name) => {
      await tab.open(base + name);
      for (const [width, device] of widths) {
        for (const scheme of ['light', 'dark'] as const) {
          await tab.show({ width, height: 844, scheme });
          if (process.env.SCREENSHOTS) {
            await tab.screenshot(join(process.env.SCREENSHOTS, `${name}.${device}.${scheme}.png`));
          }
        }
        const seen = await tab.evaluate(`({
          width: Math.max(innerWidth, document.documentElement.scrollWidth),
          headings: document.querySelectorAll('h1').length,
          language: document.documentElement.lang,
          styled: getComputedStyle(document.querySelector('main')).maxWidth,
          small: [...document.querySelectorAll('button, textarea, label:has(input), input:not([type=checkbox])')].filter((it) => it.offsetHeight < 44).length,
          unlabelled: [...document.querySelectorAll('input, textarea')].filter((it) => !it.labels.length).length,
          scripts: document.scripts.length,
        })`);
        expect(seen).toEqual({
          // A page that is wider than the screen is shown smaller, or has to be pushed to and fro.
          width,
          headings: 1,
          language: 'en',
          styled: expect.stringMatching(/px$/),
          small: 0,
          unlabelled: 0,
          scripts: 0,
        });
      }
      expect((await tab.readAloud()).filter(({ role, name }) => /button|textbox|heading/.test(role) && !name)).toEqual(
        [],
      );
    },
  );

  it('is answered by keyboard alone: name, then the button', async () => {
    await tab.open(`${base}question?sig=x`);
    await tab.press('Tab');
    await tab.type('Ada');
    await tab.press('Tab');
    expect(await tab.evaluate('document.activeElement.value')).toBe('picked');
    await tab.following(() => tab.press('Enter'));
    expect(posted.splice(0)).toEqual(['by=Ada&action=picked']);
    // The form goes to the page's own address, in which the signature is.
    expect(await tab.evaluate('location.search')).toBe('?sig=x');
  });

  it('has lines that are ticked by touching them anywhere, and are printed, a box to each, a hundred to a sheet', async () => {
    await tab.open(`${base}all-lines`);
    const ticked = await tab.evaluate(`document.querySelectorAll('ol label')[41].click(),
      [...document.querySelectorAll('ol input')].flatMap((it, index) => (it.checked ? [index] : []))`);
    expect(ticked).toEqual([41]);
    expect(posted).toEqual([]);
    await tab.open(`${base}to-print`);
    const printed = await tab.print();
    if (process.env.SCREENSHOTS) await writeFile(join(process.env.SCREENSHOTS, 'to-print.pdf'), printed);
    expect(printed.toString('latin1').match(/\/Type \/Page\b/g)!.length).toBeLessThanOrEqual(6);
  });

  it('asks for a reason where there must be one, and nowhere else', async () => {
    await tab.open(`${base}question-of-an-operator`);
    const click = (action: string) => tab.evaluate(`document.querySelector('button[value="${action}"]').click()`);
    await click('done-by-hand');
    expect(await tab.evaluate(`document.querySelector('#reason:invalid').validity.valueMissing`)).toBe(true);
    expect(posted).toEqual([]);
    await tab.following(() => click('try-again'));
    expect(posted.splice(0)).toEqual(['by=&reason=&action=try-again']);
  });

  it('reads what is wrong with the field that it is about', async () => {
    await tab.open(`${base}question-again`);
    const described = await tab.evaluate(
      `document.getElementById(document.querySelector('#reason').getAttribute('aria-describedby')).textContent`,
    );
    expect(described).toContain('Please say why');
    expect((await tab.readAloud()).map(({ role }) => role)).toContain('alert');
  });
});
