/** A picker with a telephone: the mailed link in a real browser, from the mail to the order. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { findChromium, startChromium, type Tab } from '../support/chromium.ts';
import { placed, sharedDoor } from '../support/story.ts';

const binary = findChromium();
if (!binary) console.warn('No Chromium found (CHROMIUM_BIN names one): no link is opened in a browser.');

describe.skipIf(!binary)('a mailed link in Chromium', () => {
  let chromium: Awaited<ReturnType<typeof startChromium>>;
  let tab: Tab;
  let door: FrontDoor;
  let orderId: string;
  let link: string;
  beforeAll(async () => {
    door = await sharedDoor();
    chromium = await startChromium(binary!);
    tab = await chromium.openTab();
    await tab.show({ width: 390, height: 844 });
    orderId = await placed(door);
    link = await door.callbackLink(orderId, 'AwaitPicking');
  });
  afterAll(() => chromium?.[Symbol.asyncDispose]());

  const text = () => tab.evaluate('document.body.innerText');
  const keep = async (name: string) => {
    if (process.env.SCREENSHOTS) await tab.screenshot(join(process.env.SCREENSHOTS, `story-${name}.png`));
  };

  test('shows what to pick and waits for an answer; opening it again and again answers nothing', async () => {
    for (let i = 0; i < 5; i++) await tab.open(link);
    expect(await text()).toContain('Please take these items from the shelf');
    expect(await text()).toContain('TEA-ASSAM');
    await keep('question');
    expect((await door.getOrder(orderId)).body.status).toBe('labelled');
  });

  test('takes the answer, under the policy that the page itself is sent with, and the order goes on', async () => {
    await tab.evaluate(`document.getElementById('by').focus()`);
    await tab.type('Ada');
    await tab.following(() => tab.evaluate(`document.querySelector('button[value="picked"]').click()`));
    expect(await text()).toContain('Thank you, this is recorded');
    expect(await text()).toContain('Picked and packed: answered by Ada (warehouse).');
    await keep('recorded');
    expect(await door.orderIn(orderId, 'confirmed')).toMatchObject({ picked: { by: 'Ada (warehouse)' } });
  });

  test('says who answered and when to whoever opens it later', async () => {
    await tab.open(link);
    expect(await text()).toContain('This has been answered');
    expect(await text()).toMatch(/Ada \(warehouse\)\.\s+\d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(await tab.evaluate(`document.forms.length`)).toBe(0);
  });

  test('with its end cut off by a mail program is not valid, and the page says what may have happened', async () => {
    await tab.open(link.slice(0, -5));
    expect(await text()).toContain('This link is not valid');
    expect(await text()).not.toContain(orderId);
    await keep('invalid');
  });
});
