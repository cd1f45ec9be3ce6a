/** The inbox and what its buttons do belong together: what the page shows is what the other routes take. */
import { randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand, paginateScan, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';
import { waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const { handler: inbox } = await import('../../../lambdas/api/inbox.ts');
const { handler: answer } = await import('../../../lambdas/api/inbox-answer.ts');
const { handler: claim } = await import('../../../lambdas/api/inbox-claim.ts');
const { handler: makeLink } = await import('../../../lambdas/api/inbox-link.ts');
const { handler: script } = await import('../../../lambdas/api/inbox-script.ts');
const { handler: listWaits } = await import('../../../lambdas/api/list-waits.ts');
const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');
const { giveAnswer, openWait, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { appendEvent, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');

const now = new Date('2030-01-02T04:00:00.000Z');
vi.useFakeTimers({ toFake: ['Date'], now });
const later = (minutes: number) => vi.setSystemTime(now.getTime() + minutes * 60_000);
beforeEach(clearWaits);
afterEach(() => {
  vi.setSystemTime(now);
});

async function clearWaits() {
  const TableName = process.env.WAITS_TABLE!;
  for await (const { Items = [] } of paginateScan({ client: documentClient }, { TableName })) {
    await Promise.all(
      Items.map(({ waitId }) => documentClient.send(new DeleteCommand({ TableName, Key: { waitId } }))),
    );
  }
}

async function openedWait(changes: object = {}, at = now) {
  const order = placedOrder();
  const message = waitMessage({
    orderId: order.orderId,
    taskToken: randomUUID(),
    enteredAt: now.toISOString(),
    ...changes,
  });
  await openWait(message, at);
  return message;
}
const stuckWait = (changes: object = {}) => {
  const orderId = `ord_${randomUUID()}`;
  return openedWait({
    orderId,
    waitId: `${orderId}#AwaitOperator-1`,
    kind: 'operator',
    contact: 'operator',
    actions: ['try-again', 'done-by-hand'],
    reasonFor: ['done-by-hand'],
    note: 'RefundPayment failed: GatewayDown <b>',
    ...changes,
  });
};

/** The address, without its origin, that opens somebody's inbox. */
async function sessionOf(name: string, role = 'warehouse'): Promise<string> {
  const made = await request(makeLink, { method: 'POST', path: '/inbox-links', body: { for: role, name } });
  expect(made.status).toBe(201);
  return new URL(made.body.url).pathname + new URL(made.body.url).search;
}
const open = (path: string, more: Partial<RequestOptions> = {}) => request(inbox, { path, authorizer: null, ...more });
const post = (handler: unknown, path: string, fields: Record<string, string>) =>
  request(handler, {
    method: 'POST',
    path,
    authorizer: null,
    body: String(new URLSearchParams(fields)),
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
  });

/** What a row's form says: where it posts, its hidden field, its buttons. */
const unescaped = (html: string) => html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const formsIn = (html: string) =>
  [...html.matchAll(/<form method="post" action="([^"]*)">(.*?)<\/form>/gs)].map(([, action, body]) => ({
    action: unescaped(action!),
    waitId: unescaped(/name="waitId" value="([^"]*)"/.exec(body!)![1]!),
    buttons: [...body!.matchAll(/<button[^>]* name="(\w+)" value="([^"]*)"[^>]*>([^<]*)/g)].map(
      ([, name, value, label]) => ({ name: name!, value: unescaped(value!), label: label! }),
    ),
    body: body!,
  }));
const claimsAddress = (html: string) => unescaped(/<form id="claims" method="post" action="([^"]*)"/.exec(html)![1]!);

/** Presses a button of the row of a wait as a browser without script does, and follows where it leads. */
async function press(
  path: string,
  waitId: string,
  what: string,
  more: Record<string, string> = {},
  before?: { text: string },
) {
  const page = before ?? (await open(path));
  const form = formsIn(page.text).find((each) => each.waitId === waitId)!;
  const button = form.buttons.find(({ name, value }) => name === what || value === what)!;
  const answered =
    button.name === 'action'
      ? await post(answer, form.action, { waitId, ...more, action: what })
      : await post(claim, claimsAddress(page.text), { [button.name]: button.value });
  if (answered.status !== 303) return answered;
  return open(answered.headers.location!);
}
const labels = (html: string, waitId: string) =>
  formsIn(html)
    .find((form) => form.waitId === waitId)
    ?.buttons.map(({ label }) => label);

describe('the link of an inbox', () => {
  it('is made for an authenticated caller, and is good for twelve hours', async () => {
    const made = await request(makeLink, {
      method: 'POST',
      path: '/inbox-links',
      body: { for: 'warehouse', name: ' Ada ' },
    });
    expect(made).toMatchObject({ status: 201, body: { expiresAt: '2030-01-02T16:00:00.000Z' } });
    expect(made.headers['cache-control']).toBe('no-store');
    expect(made.body.url).toMatch(/^https:\/\/api\.example\.com\/inbox\?for=warehouse&name=Ada&/);
    const refused = await request(makeLink, {
      method: 'POST',
      path: '/inbox-links',
      body: { for: 'warehouse', name: 'Ada' },
      authorizer: null,
    });
    expect(refused.status).toBe(401);
  });

  it.each<[string, object]>([
    ['an unknown role', { for: 'boss', name: 'Ada' }],
    ['no name', { for: 'warehouse', name: ' ' }],
    ['a name that is too long', { for: 'warehouse', name: 'x'.repeat(61) }],
    ['a name with control characters', { for: 'warehouse', name: 'A\u0000da' }],
    ['a name that turns the text around it', { for: 'warehouse', name: 'Ada\u202e' }],
    ['a name that looks like a person of another role', { for: 'warehouse', name: 'Ada (operator)' }],
    ['an unknown field', { for: 'warehouse', name: 'Ada', expiresAt: '2040-01-01' }],
  ])('with %s is refused', async (_, body) => {
    expect((await request(makeLink, { method: 'POST', path: '/inbox-links', body })).status).toBe(400);
  });

  it('changed in any field gets one and the same 403 on every route, reads no table and says nothing', async () => {
    const { orderId, waitId } = await openedWait();
    const link = await sessionOf('Ada');
    const bad = [
      link.replace('for=warehouse', 'for=operator'),
      link.replace('name=Ada', 'name=Eve'),
      link.replace(/exp=\d+/, 'exp=9999999999'),
      link.replace('kid=k1', 'kid=k9'),
      link.slice(0, -1),
      `/inbox?kind=picking&${link.split('?')[1]}`,
      '/inbox',
    ];
    const send = vi.spyOn(documentClient, 'send');
    for (const call of [
      (path: string) => open(path),
      (path: string) => open(`${path}&part=list`),
      (path: string) => post(answer, path, { waitId, action: 'picked' }),
      (path: string) => post(claim, path, { nonsense: 'x' }),
    ]) {
      const answers = await Promise.all(bad.map(call));
      expect(answers[0]!.status).toBe(403);
      for (const each of answers) expect(each).toEqual(answers[0]);
      expect(answers[0]!.text).not.toContain(orderId);
      expect(answers[0]!.text).not.toMatch(/Ada|kid|sig=/);
    }
    expect(send).not.toHaveBeenCalled();
    send.mockRestore();
  });

  it('with a place that is none is refused before anything is done', async () => {
    const { waitId } = await openedWait();
    const link = await sessionOf('Ada');
    const before = await everything();
    for (const [place, status] of [
      ['&kind=operator', 403],
      ['&kind=picking&cursor=x', 400],
    ] as const) {
      expect((await post(answer, link + place, { waitId, action: 'picked' })).status).toBe(status);
      expect((await post(claim, link + place, { take: waitId })).status).toBe(status);
    }
    expect(await everything()).toEqual(before);
  });

  it('that has expired is 410 on every route, and acts no more', async () => {
    const { waitId } = await openedWait();
    const link = await sessionOf('Ada');
    later(12 * 60 + 1);
    const before = await everything();
    for (const page of [
      await open(link),
      await open(`${link}&part=list`),
      await post(answer, link, { waitId, action: 'picked' }),
      await post(claim, link, { take: waitId }),
    ]) {
      expect(page.status).toBe(410);
    }
    expect(await everything()).toEqual(before);
  });
});

describe('the inbox', () => {
  it('shows the open waits of the first kind of the role, oldest first, each with its buttons', async () => {
    const messages = [];
    for (let minute = 0; minute < 3; minute++)
      messages.push(await openedWait({}, new Date(now.getTime() + minute * 60_000)));
    const page = await open(await sessionOf('Ada'));
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(formsIn(page.text).map(({ waitId }) => waitId)).toEqual(messages.map(({ waitId }) => waitId));
    expect(labels(page.text, messages[0]!.waitId)).toEqual(['Picked and packed', 'I take it']);
    expect(page.text).toContain('3 waiting, oldest first. Please take these items');
    expect(page.text).toContain('<b>Ada (warehouse)</b>');
  });

  it('says so when nothing is waiting', async () => {
    expect((await open(await sessionOf('Ada'))).text).toContain('Nothing is waiting.');
  });

  it('marks what is overdue, and what is asked again', async () => {
    await openedWait({ timeoutSeconds: 3600 });
    const link = await sessionOf('Ada');
    expect((await open(link)).text).not.toContain('Overdue');
    later(61);
    expect((await open(link)).text).toContain('Overdue');
    const again = await openedWait({ timeoutSeconds: 3600 });
    await openWait({ ...again, contact: 'supervisor', enteredAt: new Date().toISOString() }, new Date());
    expect((await open(link)).text).toContain('asked again of the supervisor');
  });

  it('changes nothing, by GET or HEAD, in any number', async () => {
    await openedWait();
    const link = await sessionOf('Ada');
    const before = await everything();
    for (let i = 0; i < 5; i++) {
      await open(link);
      await open(link, { method: 'HEAD' });
    }
    expect(await everything()).toEqual(before);
  });

  it('is kept by no cache, told to no other site, shown in no frame, and runs one script of ours', async () => {
    const link = await sessionOf('Ada');
    const page = await open(link);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
    });
    expect(page.text.match(/<script[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script src="\/inbox\.js\?v=[0-9a-f]{12}" defer>$/),
    ]);
    expect(page.text).not.toMatch(/\son\w+=|javascript:|<link|<img|style="|http-equiv/);
    const part = await open(`${link}&part=list`);
    expect(part.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(part.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('escapes what others wrote: names, notes, orders that were looked for', async () => {
    const { waitId } = await stuckWait();
    const eve = await sessionOf('<img src=x onerror=alert`1`> "Eve\'', 'operator');
    await press(eve, waitId, 'take');
    for (const path of [
      eve,
      `${eve}&order=${encodeURIComponent('"><script>')}`,
      await sessionOf('Bob', 'operator'),
      `${eve}&did=${encodeURIComponent(waitId)}&tried=${encodeURIComponent('<b>')}`,
    ]) {
      const { text } = await open(path);
      expect(text).not.toMatch(/<img|"><script|GatewayDown <b>|“<b>/);
    }
  });

  it('finds nothing for a text that is cut off in the middle of a character', async () => {
    const long = `${'a'.repeat(199)}\u{1f600}`;
    expect((await open(`${await sessionOf('Ada')}&order=${encodeURIComponent(long)}`)).status).toBe(200);
  });

  it('never shows a task token', async () => {
    const { taskToken } = await openedWait();
    const link = await sessionOf('Ada');
    for (const path of [link, `${link}&part=list`]) expect((await open(path)).text).not.toContain(taskToken);
  });

  it('sends a list that is still the same as 304, until something happens', async () => {
    const { waitId } = await openedWait();
    const link = `${await sessionOf('Ada')}&part=list`;
    const first = await open(link);
    expect(first.text).toMatch(/^<section id="list"/);
    later(5);
    const same = await open(link, { headers: { 'if-none-match': first.headers.etag! } });
    expect(same).toMatchObject({ status: 304, text: '' });
    await giveAnswer(
      { waitId, orderId: 'x', kind: 'picking' },
      { action: 'picked', by: 'Robin', at: now.toISOString() },
    );
    const other = await open(link, { headers: { 'if-none-match': first.headers.etag! } });
    expect(other.status).toBe(200);
    expect(other.text).toContain('Nothing is waiting.');
  });

  it('pages through the waits, each once, fifty at a time, and no page is over 100 KB, however long a name is', async () => {
    const ids = Array.from({ length: 220 }, () => `ord_${randomUUID().replaceAll('-', '').slice(0, 26)}`);
    await Promise.all(
      ids.map((orderId, index) =>
        documentClient.send(
          new PutCommand({
            TableName: process.env.WAITS_TABLE!,
            Item: {
              waitId: `${orderId}#AwaitPicking`,
              orderId,
              kind: 'picking',
              actions: ['picked'],
              contact: 'warehouse',
              openedAt: new Date(now.getTime() + index).toISOString(),
              waiting: 'yes',
              expiresAt: new Date(now.getTime() + 86_400_000).toISOString(),
              token: 'x'.repeat(900),
            },
          }),
        ),
      ),
    );
    const found: string[] = [];
    let path: string | undefined = await sessionOf('名'.repeat(60));
    const counts = [];
    while (path) {
      const { text } = await open(path);
      expect(text.length).toBeLessThan(100_000);
      found.push(...formsIn(text).map(({ waitId }) => waitId.split('#')[0]!));
      counts.push(/<p id="count">([^<]*)/.exec(text)![1]);
      const next = /<a href="([^"]*)">Next page/.exec(text)?.[1];
      path = next && unescaped(next);
    }
    expect(found).toEqual(ids);
    expect(counts.map((count) => count!.split(',')[0])).toEqual([
      '50 of more',
      '51 to 100 of more',
      '101 to 150 of more',
      '151 to 200 of more',
      '201 to 220',
    ]);
  });

  it('goes straight to the waits of an order, answered ones too, and shows what it is about', async () => {
    const order = placedOrder();
    await placeOrder(order);
    const { waitId } = await openedWait({ orderId: order.orderId });
    await openedWait();
    await stuckWait({ orderId: order.orderId, waitId: `${order.orderId}#AwaitOperator-7` });
    await giveAnswer(
      { waitId: `${order.orderId}#AwaitCarrierPickup`, orderId: order.orderId, kind: 'carrier-pickup' },
      { action: 'picked-up', by: 'carrier', at: now.toISOString() },
    );
    const link = await sessionOf('Ada');
    for (const typed of [order.orderId, `  ${order.orderId} `, waitId, waitId.replace('#', '%23')]) {
      const { text } = await open(`${link}&order=${encodeURIComponent(typed)}`);
      expect(formsIn(text).map((form) => form.waitId)).toEqual([waitId]);
      expect(text).toContain('2 × tea-green');
      expect(text).toContain('The carrier has it: answered by carrier.');
      expect(text).not.toContain('Stuck');
    }
    const asOperator = await open(`${await sessionOf('Olga', 'operator')}&order=${order.orderId}`);
    expect(formsIn(asOperator.text).map((form) => form.waitId)).toEqual([`${order.orderId}#AwaitOperator-7`]);
    expect((await open(`${link}&order=none`)).text).toContain('Nothing is waiting in order none');
  });
});

describe('looking for an order on a day on which thousands of undos are stuck', () => {
  const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
  /** Few and fat, which is the same to a query: it looks through 1 MB and stops. */
  const crowd = () =>
    Promise.all(
      Array.from({ length: 40 }, (_, n) => ({
        waitId: `ord_${n}#AwaitOperator-1893553445678-1`,
        orderId: `ord_${n}`,
        kind: 'operator',
        actions: ['try-again'],
        openedAt: at(n),
        expiresAt: at(n + 1_440),
        token: 'x'.repeat(200_000),
      })).map((Item) => documentClient.send(new PutCommand({ TableName: process.env.WAITS_TABLE!, Item }))),
    );
  async function stuckOrder(openedAtMinute: number, isOnRecord: boolean) {
    const order = placedOrder();
    await placeOrder(order);
    if (isOnRecord) {
      await appendEvent(order.orderId, () => ({
        type: 'UndoStuck',
        at: at(openedAtMinute - 0.1),
        undo: 'RefundPayment',
        error: 'GatewayUnavailable',
        message: '',
      }));
    }
    const waitId = `${order.orderId}#AwaitOperator-1893553445678-1`;
    await openWait(
      waitMessage({ orderId: order.orderId, waitId, kind: 'operator', contact: 'operator', actions: ['try-again'] }),
      new Date(at(openedAtMinute)),
    );
    return { ...order, waitId };
  }

  it('finds it where its undo gave up, and where that is not on record says that it did not look at all', async () => {
    await crowd();
    const link = await sessionOf('Olga', 'operator');
    const known = await stuckOrder(35.5, true);
    const unknown = await stuckOrder(36.5, false);
    const send = vi.spyOn(documentClient, 'send') as unknown as Mock<(command: unknown) => Promise<unknown>>;
    const searches = () =>
      send.mock.calls.filter(([command]) => command instanceof QueryCommand && command.input.FilterExpression).length;

    const found = await open(`${link}&order=${known.orderId}`);
    expect(formsIn(found.text).map(({ waitId }) => waitId)).toEqual([known.waitId]);
    expect(searches()).toBe(1);
    send.mockClear();

    const missed = await open(`${link}&order=${unknown.orderId}`);
    expect(missed.text).toContain('not all were looked through');
    expect(missed.text).not.toContain('Nothing is waiting in order');
    expect(searches()).toBe(3);
    send.mockRestore();
    // By the id of the wait, which is in the mail, it is found whatever else is open.
    const byId = await open(`${link}&order=${encodeURIComponent(unknown.waitId)}`);
    expect(formsIn(byId.text).map(({ waitId }) => waitId)).toEqual([unknown.waitId]);
  });

  it('reads no list for what cannot be an order', async () => {
    const link = await sessionOf('Olga', 'operator');
    const send = vi.spyOn(documentClient, 'send') as unknown as Mock<(command: unknown) => Promise<unknown>>;
    expect((await open(`${link}&order=${encodeURIComponent('a b')}`)).text).toContain(
      'Nothing is waiting in order a b',
    );
    expect(
      send.mock.calls.filter(([command]) => command instanceof QueryCommand && command.input.FilterExpression),
    ).toEqual([]);
    send.mockRestore();
  });
});

describe('a claim', () => {
  it('shows others who has it and until when, without buttons, and its owner what to pick', async () => {
    const order = placedOrder();
    await placeOrder(order);
    const { waitId } = await openedWait({ orderId: order.orderId });
    const [ada, bob] = [await sessionOf('Ada'), await sessionOf('Bob')];
    expect(labels((await open(bob)).text, waitId)).toContain('I take it');
    const mine = await press(ada, waitId, 'take');
    expect(mine.text).toContain('you have it until <time datetime="2030-01-02T04:30:00.000Z">');
    expect(mine.text).toContain('2 × tea-green');
    expect(labels(mine.text, waitId)).toEqual(['Picked and packed', '30 more minutes', 'Give it back']);
    const others = await open(bob);
    expect(others.text).toContain('Ada (warehouse) has this until');
    expect(labels(others.text, waitId)).toBeUndefined();
    const [listed] = (await request(listWaits, { path: '/waits?kind=picking' })).body.waits;
    expect(listed.claim).toEqual({ by: 'Ada (warehouse)', until: '2030-01-02T04:30:00.000Z' });
  });

  it('lapses, can be begun anew, and can be given back by its owner alone', async () => {
    const { waitId } = await openedWait();
    const [ada, bob] = [await sessionOf('Ada'), await sessionOf('Bob')];
    const before = await open(bob);
    await press(ada, waitId, 'take');
    later(20);
    await press(ada, waitId, 'take');
    later(49);
    expect((await press(bob, waitId, 'take', {}, before)).text).toContain('Ada (warehouse) has it until');
    await post(claim, bob.replace('/inbox', '/inbox/claims'), { release: waitId });
    expect((await readWait(waitId))!.claim!.by).toBe('Ada (warehouse)');
    later(50);
    expect((await request(listWaits, { path: '/waits?kind=picking' })).body.waits[0]).not.toHaveProperty('claim');
    expect((await press(bob, waitId, 'take')).text).toContain('you have it until');
    expect((await press(bob, waitId, 'release')).text).toContain('free for others again');
    expect(await readWait(waitId)).not.toHaveProperty('claim');
  });

  it('of twenty at once is one', async () => {
    const { waitId } = await openedWait();
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => sessionOf(`P${n}`)));
    // All see it free before anybody takes it.
    const seen = await Promise.all(people.map((path) => open(path)));
    const pages = await Promise.all(people.map((path, n) => press(path, waitId, 'take', {}, seen[n])));
    expect(pages.filter(({ text }) => text.includes('you have it until'))).toHaveLength(1);
  });

  it('decides nothing: a mailed link answers all the same, and then nothing is left to claim', async () => {
    const message = await openedWait();
    const ada = await sessionOf('Ada');
    await press(ada, message.waitId, 'take');
    const before = await open(ada);
    await giveAnswer(message, { action: 'picked', by: 'Robin', at: now.toISOString() });
    const late = await press(ada, message.waitId, 'take', {}, before);
    expect(late.text).toContain('there is an answer already: Picked and packed: answered by Robin.');
    await press(ada, message.waitId, 'release', {}, before);
    await press(ada, message.waitId, 'take', {}, before);
    expect(await readWait(message.waitId)).not.toHaveProperty('claim');
    expect((await readWait(message.waitId))!.answer).toMatchObject({ by: 'Robin' });
  });
});

describe('answering in place', () => {
  it('records who, as what, and leads back to the inbox, which says so and no longer has the row', async () => {
    const { waitId } = await openedWait();
    const page = await press(await sessionOf('Ada'), waitId, 'picked');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Picked and packed: answered by Ada (warehouse).');
    expect(formsIn(page.text)).toEqual([]);
    expect((await readWait(waitId))!.answer).toEqual({
      action: 'picked',
      by: 'Ada (warehouse)',
      approver: 'Ada (warehouse)',
      at: now.toISOString(),
    });
  });

  it('shows so also while the index that lists are read from is a moment behind', async () => {
    const [first, second] = [await openedWait(), await openedWait()];
    const ada = await sessionOf('Ada');
    const index = await documentClient.send(
      new QueryCommand({
        TableName: process.env.WAITS_TABLE!,
        IndexName: 'byKind',
        KeyConditionExpression: 'kind = :kind',
        ExpressionAttributeValues: { ':kind': 'picking' },
      }),
    );
    const before = await open(ada);
    const send = documentClient.send.bind(documentClient);
    const behind = vi.spyOn(documentClient, 'send') as unknown as Mock<(command: unknown) => Promise<unknown>>;
    behind.mockImplementation(async (command) =>
      command instanceof QueryCommand ? structuredClone(index) : send(command as QueryCommand),
    );
    const answered = await press(ada, first.waitId, 'picked', {}, before);
    const claimed = await press(ada, second.waitId, 'take', {}, before);
    behind.mockRestore();
    expect(formsIn(answered.text).map(({ waitId }) => waitId)).toEqual([second.waitId]);
    expect(labels(claimed.text, second.waitId)).toContain('Give it back');
  });

  it('keeps the place: the kind, the page, the order that was looked for', async () => {
    const { waitId, orderId } = await openedWait();
    const link = (await sessionOf('Ada')).replace('/inbox', '/inbox/answers');
    const to = (await post(answer, `${link}&order=${orderId}`, { waitId, action: 'picked' })).headers.location!;
    expect(new URL(to, 'https://x').searchParams.get('order')).toBe(orderId);
    expect((await open(to)).text).toContain('Waits of one order');
  });

  it('tells whoever comes second what was recorded', async () => {
    const { waitId } = await stuckWait();
    const [olga, otto] = [await sessionOf('Olga', 'operator'), await sessionOf('Otto', 'operator')];
    const before = await open(otto);
    await press(olga, waitId, 'done-by-hand', { reason: 'refunded' });
    const second = await press(otto, waitId, 'try-again', {}, before);
    expect(second.text).toContain(
      'Your answer “Try again” was not recorded, because this was first: I did it by hand: answered by Olga',
    );
    expect((await readWait(waitId))!.answer).toMatchObject({ action: 'done-by-hand', by: 'Olga (operator)' });
  });

  it('of what another person has taken meanwhile is not recorded, until the claim lapses', async () => {
    const { waitId } = await openedWait();
    const [ada, bob] = [await sessionOf('Ada'), await sessionOf('Bob')];
    const before = await open(bob);
    await press(ada, waitId, 'take');
    const refused = await press(bob, waitId, 'picked', {}, before);
    expect(refused.text).toContain('was not recorded, because Ada (warehouse) has it until');
    expect(await readWait(waitId)).not.toHaveProperty('answer');
    later(30);
    expect((await press(bob, waitId, 'picked')).text).toContain('answered by Bob (warehouse)');
  });

  it('of twenty at once is one, and all are told which', async () => {
    const { waitId } = await stuckWait();
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => sessionOf(`P${n}`, 'operator')));
    const answers = ['try-again', 'done-by-hand'] as const;
    const pages = await Promise.all(
      people.map((path, n) => press(path, waitId, answers[n % 2]!, { reason: 'refunded' })),
    );
    const { by } = (await readWait(waitId))!.answer!;
    for (const { text } of pages) expect(text).toContain(`answered by ${by}.`);
    expect(pages.filter(({ text }) => !text.includes('was not recorded')).length).toBe(1);
  });

  it('an undo by hand needs a reason, which is kept; trying again needs none', async () => {
    const stuck = await stuckWait();
    const olga = await sessionOf('Olga', 'operator');
    const page = await open(olga);
    expect(page.text).toContain('RefundPayment failed: GatewayDown &#60;b&#62;');
    expect(formsIn(page.text)[0]!.body).toMatch(/<textarea[^>]*name="reason"[^>]*required>/);
    expect(formsIn(page.text)[0]!.body).toMatch(/value="try-again"[^>]*formnovalidate/);
    for (const reason of ['', '   ']) {
      expect((await press(olga, stuck.waitId, 'done-by-hand', { reason })).status).toBe(400);
    }
    expect((await press(olga, stuck.waitId, 'done-by-hand', { reason: 'x'.repeat(501) })).status).toBe(400);
    expect(await readWait(stuck.waitId)).not.toHaveProperty('answer');
    await press(olga, stuck.waitId, 'done-by-hand', { reason: ' refunded in\r\nthe console ' });
    expect((await readWait(stuck.waitId))!.answer).toMatchObject({
      action: 'done-by-hand',
      by: 'Olga (operator)',
      detail: { reason: 'refunded in\nthe console' },
    });
    const other = await stuckWait();
    await press(olga, other.waitId, 'try-again', { reason: '' });
    expect((await readWait(other.waitId))!.answer).toMatchObject({ action: 'try-again' });
  });

  it.each<[string, Record<string, string>, number]>([
    ['an action that was not asked for', { action: 'burn' }, 400],
    ['no action', {}, 400],
    ['an unknown field', { action: 'picked', by: 'Eve' }, 400],
    ['a wait id that is none', { action: 'picked', waitId: 'x' }, 400],
    ['a wait that there is not', { action: 'picked', waitId: 'ord_x#AwaitPicking' }, 404],
  ])('with %s is refused and leaves nothing behind', async (_, fields, status) => {
    const { waitId } = await openedWait();
    const link = (await sessionOf('Ada')).replace('/inbox', '/inbox/answers');
    const before = await everything();
    expect((await post(answer, link, { waitId, ...fields })).status).toBe(status);
    expect(await everything()).toEqual(before);
  });

  it('takes forms alone', async () => {
    const { waitId } = await openedWait();
    for (const handler of [answer, claim]) {
      const refused = await request(handler, {
        method: 'POST',
        path: await sessionOf('Ada'),
        authorizer: null,
        body: { waitId, action: 'picked' },
      });
      expect(refused.status).toBe(415);
    }
  });
});

describe('a role', () => {
  it('of the warehouse can neither see nor take nor answer what operators are asked', async () => {
    const stuck = await stuckWait();
    const ada = await sessionOf('Ada');
    expect((await open(`${ada}&kind=operator`)).status).toBe(403);
    expect((await open(`${ada}&kind=nonsense`)).status).toBe(403);
    for (const path of [
      ada,
      `${ada}&order=${stuck.orderId}`,
      `${ada}&order=${encodeURIComponent(stuck.waitId)}`,
      `${ada}&did=${encodeURIComponent(stuck.waitId)}&tried=try-again`,
    ]) {
      const { text } = await open(path);
      expect(formsIn(text)).toEqual([]);
      expect(text).not.toMatch(/RefundPayment|Stuck/);
    }
    const before = await everything();
    const answers = ada.replace('/inbox', '/inbox/answers');
    expect((await post(answer, answers, { waitId: stuck.waitId, action: 'try-again' })).status).toBe(404);
    expect((await post(claim, answers, { take: stuck.waitId })).status).toBe(404);
    expect(await everything()).toEqual(before);
  });

  it('of operators sees the work of the warehouse, and who is on it, and leaves it to them', async () => {
    const { waitId } = await openedWait();
    await press(await sessionOf('Ada'), waitId, 'take');
    const olga = await sessionOf('Olga', 'operator');
    const page = await open(`${olga}&kind=picking`);
    expect(page.text).toContain('Ada (warehouse) has this until');
    expect(formsIn(page.text)).toEqual([]);
    const link = olga.replace('/inbox', '/inbox/answers');
    expect((await post(answer, link, { waitId, action: 'picked' })).status).toBe(403);
    expect((await post(claim, link, { take: waitId })).status).toBe(403);
  });

  it('is told when something waits in its other lists, also where nobody is asked yet', async () => {
    await openedWait({ kind: 'carrier-pickup', actions: [] });
    const link = await sessionOf('Ada');
    expect((await open(`${link}&kind=carrier-pickup`)).text).toContain('nobody is asked yet');
    const { text } = await open(link);
    expect(text).toMatch(/Carrier pickup <span class="dot" role="img" aria-label="\(some are waiting\)">/);
  });
});

describe('the script', () => {
  it('is JavaScript that browsers keep for ever, at an address of its own version', async () => {
    const path = /<script src="([^"]*)"/.exec((await open(await sessionOf('Ada'))).text)![1]!;
    const { status, headers, text } = await request(script, { path, authorizer: null });
    expect({ status, ...headers }).toMatchObject({
      status: 200,
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    // Throws where it is no JavaScript.
    new Function(text);
  });

  it('is not kept under the address of another version, as a page of a newer deployment asks for it', async () => {
    for (const path of ['/inbox.js?v=0123456789ab', '/inbox.js']) {
      const { status, headers } = await request(script, { path, authorizer: null });
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    }
  });
});

it('links of an inbox and names of orders that were looked for are in no log line', async () => {
  const { waitId } = await openedWait();
  const link = await sessionOf('Ada');
  const sig = new URL(link, 'https://x').searchParams.get('sig')!;
  const logs = await logsOf(async () => {
    await open(link);
    await open(`${link}x`);
    await press(link, waitId, 'take');
    await press(link, waitId, 'picked');
    await post(answer, link, { waitId: 'x', action: 'burn' });
    aws.failNext('GetSecretValue', 'AccessDeniedException');
    later(60);
    expect((await open(link)).status).toBe(500);
  });
  for (const secret of [sig, 'kid=', 'exp=']) expect(logs).not.toContain(secret);
});
