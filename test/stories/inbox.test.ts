import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, localClient, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { findChromium, startChromium, type Tab } from '../support/chromium.ts';
import { placed } from '../support/story.ts';

/** Moves time, and fills the inbox: so a runtime of its own, and one story after another. */
let runtime: LocalRuntime;
let door: FrontDoor;
let dynamodb: DynamoDBDocumentClient;
let waitsTable: string;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, await readShelves());
  door = await openLocalFrontDoor(runtime);
  dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(runtime.awsEndpoint)));
  const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
  waitsTable = TableNames!.find((name) => name.includes('Waits'))!;
});
afterAll(() => runtime[Symbol.asyncDispose]());

const links: string[] = [];
async function inboxOf(name: string, role = 'warehouse'): Promise<string> {
  const { status, body } = await door.request<{ url: string }>('POST', '/inbox-links', { for: role, name });
  expect(status).toBe(201);
  links.push(body.url);
  return body.url;
}

const unescaped = (html: string) => html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const pageAt = async (url: string) => (await fetch(url, { headers: { accept: 'text/html' } })).text();
const rowOf = (html: string, orderId: string) =>
  html.split('<li class=').find((row) => row.includes(`>${orderId}</a>`));

/** Presses a button of an order's row, as a browser without script does: its form is posted, and the answer followed. */
async function press(url: string, orderId: string, label: string): Promise<string> {
  const page = await pageAt(url);
  const row = rowOf(page, orderId)!;
  const attribute = (name: string, of: string) => unescaped(new RegExp(` ${name}="([^"]*)"`).exec(of)![1]!);
  const button = row.match(/<button[^>]*>[^<]*/g)!.find((each) => each.endsWith(`>${label}`))!;
  const [form] = (button.includes('form="claims"') ? page : row).match(
    button.includes('form="claims"') ? /<form id="claims"[^>]*>/ : /<form method="post"[^>]*>/,
  )!;
  const body = new URLSearchParams({ [attribute('name', button)]: attribute('value', button) });
  if (attribute('name', button) === 'action') body.set('waitId', attribute('value', row.match(/<input[^>]*>/)![0]));
  const answer = await fetch(new URL(attribute('action', form), url), { method: 'POST', body });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** An open wait of an order of its own, straight into the table. */
const openWaitItem = (orderId: string, openedAt: Date, changes: object = {}) => ({
  waitId: `${orderId}#AwaitPicking`,
  orderId,
  kind: 'picking',
  actions: ['picked'],
  contact: 'warehouse',
  openedAt: openedAt.toISOString(),
  waiting: 'yes',
  expiresAt: new Date(openedAt.getTime() + 86_400_000).toISOString(),
  token: 'x'.repeat(900),
  ...changes,
});
const put = (Item: object) => dynamodb.send(new PutCommand({ TableName: waitsTable, Item }));

describe('the inbox', () => {
  test('one takes an order, another sees it, the claim lapses, the other answers in place, and the order goes on', async () => {
    const orderId = await placed(door);
    await door.orderIn(orderId, 'labelled');
    const [ada, bob] = [await inboxOf('Ada'), await inboxOf('Bob')];
    await eventually('the order in the inbox', async () => rowOf(await pageAt(ada), orderId));

    const taken = await press(ada, orderId, 'I take it');
    expect(taken).toContain('you have it until');
    expect(rowOf(taken, orderId)).toContain('1 × TEA-ASSAM');
    expect(rowOf(await pageAt(bob), orderId)).toMatch(/Ada \(warehouse\) has this until/);
    expect(rowOf(await pageAt(bob), orderId)).not.toContain('<button');
    const { body } = await door.request<{ waits: { claim?: object }[] }>('GET', '/waits?kind=picking');
    expect(body.waits[0]!.claim).toMatchObject({ by: 'Ada (warehouse)' });

    await runtime.advance('31m');
    const answered = await press(bob, orderId, 'Picked and packed');
    expect(answered).toContain('Picked and packed: answered by Bob (warehouse).');
    expect(rowOf(answered, orderId)).toBeUndefined();
    expect(await door.orderIn(orderId, 'confirmed')).toMatchObject({ picked: { by: 'Bob (warehouse)' } });
  });

  test('opens with the address that the command prints', async () => {
    const args = ['examples/inbox.ts', '--state', runtime.stateDir, '--as', 'operator', '--name', 'Grace Hopper'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(await pageAt(stdout.trim())).toContain('Grace Hopper (operator)');
  });

  test('the link ends after twelve hours', async () => {
    const ada = await inboxOf('Ada');
    await runtime.advance('12h');
    await runtime.advance('1m');
    expect((await fetch(ada)).status).toBe(410);
  });
});

const chromium = findChromium();
describe.skipIf(!chromium)('the inbox in a browser', () => {
  let browser: Awaited<ReturnType<typeof startChromium>>;
  beforeAll(async () => {
    browser = await startChromium(chromium!);
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  /** Asks for the list now instead of in a few seconds, until the page shows what is expected. */
  const live = (tab: Tab, what: string, expression: string) =>
    eventually(what, async () => {
      await tab.evaluate(`dispatchEvent(new Event('online'))`);
      return (await tab.evaluate(expression)) || undefined;
    });
  const heading = (orderId: string) => `document.getElementById('${orderId}.AwaitPicking')`;
  const now = async () => new Date(await runtime.now());

  test('a new wait appears and an answered one goes without a reload, and focus and typed text stay', async () => {
    const stuck = { kind: 'operator', actions: ['try-again', 'done-by-hand'], reasonFor: ['done-by-hand'] };
    await put(openWaitItem('ord_first', await now(), stuck));
    const tab = await browser.openTab();
    await tab.open(await inboxOf('Olga', 'operator'));
    await tab.evaluate(`window.sameDocument = true`);
    await tab.evaluate(`${heading('ord_first')}.closest('li').querySelector('textarea').focus()`);
    await tab.type('the refund went out by');

    await put(openWaitItem('ord_second', await now(), stuck));
    await live(tab, 'the second wait', `Boolean(${heading('ord_second')})`);
    expect(await tab.evaluate(`document.querySelector('#live [role=status]').textContent`)).toBe('1 more');

    // The row itself changes under the hands of who writes in it.
    const claim = { by: 'Olga (operator)', until: new Date((await runtime.now()) + 600_000).toISOString() };
    await dynamodb.send(
      new UpdateCommand({
        TableName: waitsTable,
        Key: { waitId: 'ord_first#AwaitPicking' },
        UpdateExpression: 'SET claim = :claim',
        ExpressionAttributeValues: { ':claim': claim },
      }),
    );
    await live(tab, 'the claim', `${heading('ord_first')}.closest('li').className === 'mine'`);
    await tab.type(' hand');
    expect(
      await tab.evaluate(
        `[document.activeElement.closest('li')?.querySelector('h3').id, document.activeElement.value]`,
      ),
    ).toEqual(['ord_first.AwaitPicking', 'the refund went out by hand']);

    await tab.evaluate(`document.activeElement.closest('form').querySelector('[value=done-by-hand]').click()`);
    await live(tab, 'the answer', `!${heading('ord_first')}`);
    expect(await tab.evaluate(`document.getElementById('happened').textContent`)).toContain(
      'I did it by hand: answered by Olga (operator).',
    );
    expect(await tab.evaluate(`window.sameDocument`)).toBe(true);
    const { body } = await door.request<{ waits: { orderId: string }[] }>('GET', '/waits?kind=operator');
    expect(body.waits.map(({ orderId }) => orderId)).toEqual(['ord_second']);
  });

  test('a wait that somebody else answers while one writes in it stays, says so, and cannot be sent', async () => {
    const tab = await browser.openTab();
    await tab.open(await inboxOf('Olga', 'operator'));
    await tab.evaluate(`${heading('ord_second')}.closest('li').querySelector('textarea').focus()`);
    await tab.type('half a sen');
    await press(await inboxOf('Otto', 'operator'), 'ord_second', 'Try again');
    await live(tab, 'the end', `${heading('ord_second')}.closest('li').textContent.includes('no longer open')`);
    expect(await tab.evaluate(`${heading('ord_second')}.closest('li').querySelector('textarea').value`)).toBe(
      'half a sen',
    );
    expect(await tab.evaluate(`${heading('ord_second')}.closest('li').querySelectorAll('button:enabled').length`)).toBe(
      0,
    );
  });

  test('a link that has ended says so, and the page asks no more', async () => {
    const tab = await browser.openTab();
    await tab.open(await inboxOf('Ada'));
    await runtime.advance('13h');
    await live(tab, 'the end', `document.getElementById('live').textContent.includes('no longer good')`);
  });
});

describe('a thousand open waits', () => {
  const orders = Array.from({ length: 1000 }, (_, n) => `ord_${String(n).padStart(26, '0')}`);

  test('page through, each once, oldest first', async () => {
    const start = await runtime.now();
    const items = orders.map((orderId, n) => openWaitItem(orderId, new Date(start + n)));
    for (let n = 0; n < items.length; n += 25) {
      const RequestItems = { [waitsTable]: items.slice(n, n + 25).map((Item) => ({ PutRequest: { Item } })) };
      await dynamodb.send(new BatchWriteCommand({ RequestItems }));
    }
    const found: string[] = [];
    let url: string | undefined = await inboxOf('Ada');
    while (url) {
      const html = await pageAt(url);
      expect(html.length).toBeLessThan(100_000);
      found.push(...[...html.matchAll(/<h3[^>]*><a[^>]*>([^<]*)/g)].map(([, orderId]) => orderId!));
      const next: string | undefined = /<a href="([^"]*)">Next page/.exec(html)?.[1];
      url = next && new URL(unescaped(next), url).href;
    }
    expect(found.filter((orderId) => orders.includes(orderId))).toEqual(orders);
  });

  test('and the last of them is found by its order', async () => {
    const html = await pageAt(`${await inboxOf('Ada')}&order=${orders.at(-1)}`);
    expect(html).toContain(`Order ${orders.at(-1)}`);
    expect(html.match(/<form method="post"/g)).toHaveLength(1);
  });
});

test('no signature of a link to an inbox is in any log line', async () => {
  const folder = join(runtime.stateDir, 'logs');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const logs = (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n');
  expect(logs).toContain('inbox link made');
  for (const link of links) expect(logs).not.toContain(new URL(link).searchParams.get('sig'));
});
