/** GET and POST of a callback link belong together: what one shows is what the other takes. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallbackLink } from '../../../lambdas/domain/callback-signature.ts';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';
import { waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const { handler: showWait } = await import('../../../lambdas/api/show-wait.ts');
const { handler: answerWait } = await import('../../../lambdas/api/answer-wait.ts');
const { giveAnswer, openWait, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { retireLinks } = await import('../../../lambdas/adapters/wait-links.ts');
const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { callbackLinkOf, deadlineOf } = await import('../../../lambdas/domain/wait.ts');
const { parseCallbackKeys, signCallback } = await import('../../../lambdas/domain/callback-signature.ts');

const now = new Date('2030-01-02T04:00:00.000Z');
vi.useFakeTimers({ toFake: ['Date'], now });
afterEach(() => {
  vi.setSystemTime(now);
});

const keysNow = () => parseCallbackKeys(aws.secrets.get('callback-keys')!);

async function openedWait(changes: object = {}) {
  const order = placedOrder();
  await placeOrder(order);
  const message = waitMessage({ orderId: order.orderId, taskToken: randomUUID(), ...changes });
  await openWait(message, now);
  const keys = parseCallbackKeys(aws.secrets.get('callback-keys')!);
  const link = callbackLinkOf({ ...message, expiresAt: deadlineOf(message) }, message.contact ?? 'warehouse');
  return { ...message, link, url: signCallback('https://api.example.com', link, keys) };
}

/** The request that a browser makes for a link. */
function by(url: string, more: Partial<RequestOptions> = {}): RequestOptions {
  const { pathname, search } = new URL(url);
  const waitId = decodeURIComponent(pathname.slice('/waits/'.length));
  const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', ...more.headers };
  return { path: pathname + search, pathParameters: { waitId }, authorizer: null, ...more, headers };
}
const get = (url: string, more: Partial<RequestOptions> = {}) => request(showWait, by(url, more));
const press = (url: string, fields: Record<string, string>) =>
  request(
    answerWait,
    by(url, {
      method: 'POST',
      body: String(new URLSearchParams(fields)),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  );
const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  request(answerWait, by(url, { method: 'POST', body, headers: { accept: '*/*', ...headers } }));

describe('opening a link', () => {
  it('shows what is asked, the order and one button per action', async () => {
    const { url, orderId } = await openedWait();
    const page = await get(url);
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.text).toContain(orderId);
    expect(page.text).toContain('<td>tea-green</td><td>2</td>');
    expect(
      [...page.text.matchAll(/<button name="action" value="([^"]*)">([^<]*)</g)].map(([, ...found]) => found),
    ).toEqual([
      ['picked', 'Picked and packed'],
      ['not-found', 'Not found'],
    ]);
  });

  it('changes nothing, by GET or HEAD, in any number', async () => {
    const { url } = await openedWait();
    const before = await everything();
    for (let i = 0; i < 50; i++) {
      await Promise.all(Array.from({ length: 20 }, (_, n) => get(url, { method: n % 2 ? 'GET' : 'HEAD' })));
    }
    // Nor does a GET that reaches the handler of POST, whatever it carries.
    const refused = await request(
      answerWait,
      by(url, { body: 'action=picked', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    );
    expect(refused.status).toBe(405);
    expect(await everything()).toEqual(before);
  });

  it('is kept by no cache, told to no other site, shown in no frame, and runs no script', async () => {
    const { url } = await openedWait();
    for (const page of [await get(url), await get(`${url}x`), await press(url, { action: 'picked' })]) {
      expect(page.headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        ),
      });
      expect(page.text).not.toMatch(/<script|\son\w+=|javascript:|<link|<img|style="/);
    }
  });

  it('escapes what others wrote', async () => {
    const { url } = await openedWait({ note: '<script>alert("1")</script> & more' });
    expect((await get(url)).text).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; more');
  });

  it('never shows the task token, as a page or as JSON', async () => {
    const { url, taskToken } = await openedWait();
    const json = await get(url, { headers: { accept: 'application/json' } });
    expect(json.body).toMatchObject({ kind: 'picking', actions: ['picked', 'not-found'] });
    expect(json.text + (await get(url)).text).not.toContain(taskToken);
  });

  it('shows how it was answered, once it is', async () => {
    const { url } = await openedWait();
    await press(url, { action: 'picked', by: 'Robin <R>' });
    const page = await get(url);
    expect(page.text).toContain('Picked and packed: answered by Robin &#60;R&#62; (warehouse).');
    expect(page.text).not.toContain('<form');
  });

  it('of a cancelled order says so', async () => {
    const wait = await openedWait();
    await giveAnswer(wait, { error: 'OrderCancelled', by: 'shop', at: now.toISOString() });
    expect((await get(wait.url)).text).toContain('The order was cancelled');
  });

  it('of a wait that nobody answered says what became of the order', async () => {
    const expired = { error: 'WaitExpired', by: 'workflow', at: now.toISOString() };
    for (const [kind, outcome] of [
      ['picking', 'the order was cancelled'],
      ['operator', 'the order is still as it was'],
    ]) {
      const wait = await openedWait({ kind });
      await giveAnswer(wait, expired);
      expect((await get(wait.url)).text).toContain(outcome);
    }
  });
});

describe('answering', () => {
  it('by a button records the action, the name and the time', async () => {
    const { url, waitId } = await openedWait();
    const page = await press(url, { action: 'picked', by: ' Robin ' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('answered by Robin (warehouse)');
    expect((await readWait(waitId))!.answer).toEqual({
      action: 'picked',
      by: 'Robin (warehouse)',
      approver: 'warehouse',
      at: now.toISOString(),
    });
  });

  it('without a name is an answer too', async () => {
    const { url, waitId } = await openedWait();
    expect((await press(url, { action: 'picked', by: '' })).status).toBe(200);
    expect((await readWait(waitId))!.answer).toMatchObject({ action: 'picked', by: 'warehouse' });
  });

  it.each([
    ['a person of another role', 'Ada (operator)'],
    ['the same in wide brackets', 'Ada \uff08operator\uff09'],
    ['a name that turns the text around it', '\u202e)rotarepo( adA'],
    ['a name of two lines', 'Ada\u2028Byron'],
    ['a name with nothing to see in it', 'Ada\u200b'],
  ])('as %s is refused, and what was typed is shown again', async (_, by) => {
    const { url, waitId } = await openedWait();
    expect(await post(url, { action: 'picked', by })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/by' }] },
    });
    expect((await press(url, { action: 'picked', by })).text).toContain('on one line and without brackets');
    expect((await readWait(waitId))!.answer).toBeUndefined();
  });

  it.each(["Siobhán O'Neill-Smith, Jr.", '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647', '山田 太郎', 'scanner #3'])(
    'as %s is taken',
    async (by) => {
      const { url } = await openedWait();
      expect((await post(url, { action: 'picked', by })).body.answer).toMatchObject({ by: `${by} (warehouse)` });
    },
  );

  it('by a program takes and gives JSON', async () => {
    const { url, waitId } = await openedWait();
    const answer = await post(url, { action: 'picked', by: 'scanner 3' });
    expect(answer).toMatchObject({
      status: 200,
      body: { waitId, answer: { action: 'picked', by: 'scanner 3 (warehouse)' } },
    });
  });

  it('the same way again is 200 with the first answer', async () => {
    const { url } = await openedWait();
    const first = await post(url, { action: 'picked', by: 'Robin' });
    vi.setSystemTime('2030-01-02T05:00:00Z');
    expect(await post(url, { action: 'picked', by: 'Kim' })).toMatchObject({ status: 200, body: first.body });
    expect((await press(url, { action: 'picked', by: 'Kim' })).text).toContain('answered by Robin (warehouse)');
  });

  it('another way is 409 with the first answer, and the first answer stands', async () => {
    const { url, waitId } = await openedWait();
    await post(url, { action: 'picked', by: 'Robin' });
    const before = await everything();
    const other = await post(url, { action: 'not-found' });
    expect(other).toMatchObject({ status: 409, body: { recorded: { action: 'picked', by: 'Robin (warehouse)' } } });
    const page = await press(url, { action: 'not-found' });
    expect(page.status).toBe(409);
    expect(page.text).toContain('answered by Robin (warehouse)');
    expect(await everything()).toEqual(before);
    expect((await readWait(waitId))!.answer).toMatchObject({ action: 'picked' });
  });

  it('in the same moment in two ways: one is recorded, the other is told', async () => {
    const { url } = await openedWait();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post(url, { action: i % 2 ? 'picked' : 'not-found', by: `hand ${i}` })),
    );
    const recorded = answers.map(({ body }) => body.answer ?? body.recorded);
    expect(new Set(recorded.map(({ by }) => by)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(200), ...Array(10).fill(409)]);
  });

  it('after the deadline still counts, while nothing else has answered', async () => {
    const { url } = await openedWait();
    vi.setSystemTime('2030-01-05T00:00:00Z');
    expect((await press(url, { action: 'picked' })).status).toBe(200);
  });

  it.each<[string, unknown, Record<string, string>, number]>([
    ['an action that was not asked for', { action: 'burn' }, {}, 400],
    ['no action', {}, {}, 400],
    ['an unknown field', { action: 'picked', force: true }, {}, 400],
    ['a name that is too long', { action: 'picked', by: 'x'.repeat(101) }, {}, 400],
    ['a name with control characters', { action: 'picked', by: 'a\nb' }, {}, 400],
    ['broken JSON', '{"action":', { 'content-type': 'application/json' }, 400],
    [
      'a form field that comes twice',
      'action=picked&action=picked',
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
    ],
    ['plain text', 'picked', { 'content-type': 'text/plain' }, 415],
    ['a body over the limit', { action: 'picked', by: 'x'.repeat(70_000) }, {}, 413],
  ])('with %s is refused and leaves nothing behind', async (_, body, headers, status) => {
    const { url } = await openedWait();
    const before = await everything();
    expect((await post(url, body, { ...headers, accept: 'application/json' })).status).toBe(status);
    expect((await post(url, body, { ...headers, accept: 'text/html' })).headers['content-type']).toContain('text/html');
    expect(await everything()).toEqual(before);
  });

  it('a link for one action gives no right to another', async () => {
    const { link, waitId } = await openedWait();
    const keys = parseCallbackKeys(aws.secrets.get('callback-keys')!);
    const narrow = signCallback('https://api.example.com', { ...link, actions: ['not-found'] }, keys);
    expect((await get(narrow)).text.match(/<button/g)).toHaveLength(1);
    expect((await post(narrow, { action: 'picked' })).status).toBe(400);
    expect(await readWait(waitId)).not.toHaveProperty('answer');
  });
});

describe('whose answer it is', () => {
  const as = (wait: { link: CallbackLink }, approver: string) =>
    signCallback('https://api.example.com', { ...wait.link, approver }, keysNow());

  it('says the link: a name that is typed is added to the role, and replaces nothing', async () => {
    for (const [typed, recorded] of [
      ['Ada', 'Ada (supervisor)'],
      ['', 'supervisor'],
      ['Kim, warehouse', 'Kim, warehouse (supervisor)'],
    ] as const) {
      const wait = await openedWait();
      await press(as(wait, 'supervisor'), { action: 'picked', by: typed });
      expect((await readWait(wait.waitId))!.answer).toMatchObject({ by: recorded, approver: 'supervisor' });
    }
  });

  it("of a person's own link is that person: no other name is asked for, and none is taken", async () => {
    const wait = await openedWait();
    const url = as(wait, 'Zoë (warehouse)');
    const page = await get(url);
    expect(page.text).toContain('You answer as <strong>Zoë (warehouse)</strong>');
    expect(page.text).not.toContain('name="by"');
    expect((await post(url, { action: 'picked', by: 'Kim' })).status).toBe(400);
    expect((await press(url, { action: 'picked', by: 'Kim' })).status).toBe(400);
    expect(await readWait(wait.waitId)).not.toHaveProperty('answer');
    expect((await press(url, { action: 'picked' })).status).toBe(200);
    expect((await readWait(wait.waitId))!.answer).toMatchObject({ by: 'Zoë (warehouse)', approver: 'Zoë (warehouse)' });
  });

  it('cannot be changed in the address', async () => {
    const { url } = await openedWait();
    const before = await everything();
    for (const other of ['supervisor', 'operator', '.QWRh', '']) {
      expect((await press(url.replace('for=warehouse', `for=${other}`), { action: 'picked' })).status).toBe(403);
    }
    expect(await everything()).toEqual(before);
  });
});

describe('an answer that needs a reason', () => {
  const stuck = {
    kind: 'operator',
    contact: 'operator',
    actions: ['try-again', 'done-by-hand'],
    reasonFor: ['done-by-hand'],
  };
  const why = 'Refunded 21.00 EUR at the gateway,\nbecause its API was down.';

  it('has a field for it, which a browser asks for where it is needed alone', async () => {
    const { url } = await openedWait(stuck);
    const page = await get(url);
    expect(page.text).toMatch(/<label for="reason">[^<]*needed for “I did it by hand”/);
    expect(page.text).toMatch(/<textarea id="reason" name="reason" rows="4" maxlength="500" required>/);
    expect(page.text).toContain('value="try-again" formnovalidate>');
    expect(page.text).toContain('value="done-by-hand">');
  });

  it('is recorded with it and shows it', async () => {
    const { url, waitId } = await openedWait(stuck);
    const page = await press(url, { action: 'done-by-hand', by: 'Ada', reason: `  ${why.replace('\n', '\r\n')} ` });
    expect(page.status).toBe(200);
    expect((await readWait(waitId))!.answer).toEqual({
      action: 'done-by-hand',
      by: 'Ada (operator)',
      approver: 'operator',
      at: now.toISOString(),
      detail: { reason: why },
    });
    for (const { text } of [page, await get(url)]) expect(text).toContain(why);
    const json = await get(url, { headers: { accept: 'application/json' } });
    expect(json.body.answer).toEqual({
      action: 'done-by-hand',
      by: 'Ada (operator)',
      at: now.toISOString(),
      detail: { reason: why },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['none', { by: 'Ada <A>' }, ''],
    ['blanks', { by: 'Ada <A>', reason: ' \n ' }, ' \n '],
    ['too long a one', { by: 'Ada <A>', reason: `<${'x'.repeat(500)}` }, `&#60;${'x'.repeat(500)}`],
  ])('and has %s is refused, on a page that keeps what was typed', async (_, fields, kept) => {
    const { url } = await openedWait(stuck);
    const before = await everything();
    const page = await press(url, { action: 'done-by-hand', ...fields });
    expect(page.status).toBe(400);
    expect(page.text).toContain('Nothing was recorded yet');
    expect(page.text).toContain('aria-invalid="true" aria-describedby="reason-fault"');
    expect(page.text).toContain('value="Ada &#60;A&#62;"');
    expect(page.text).toContain(`>\n${kept}</textarea>`);
    expect(await post(url, { action: 'done-by-hand', ...fields })).toMatchObject({
      status: 400,
      body: { type: 'urn:problem:waybill:invalid-body', errors: [{ pointer: '/reason' }] },
    });
    expect(await everything()).toEqual(before);
  });

  it('is none of the other actions, which may have one', async () => {
    const one = await openedWait(stuck);
    expect((await press(one.url, { action: 'try-again', by: '', reason: '' })).status).toBe(200);
    expect((await readWait(one.waitId))!.answer).not.toHaveProperty('detail');
    const other = await openedWait(stuck);
    await press(other.url, { action: 'try-again', reason: 'The gateway is up again.' });
    expect((await readWait(other.waitId))!.answer).toMatchObject({ detail: { reason: 'The gateway is up again.' } });
  });

  it('and comes too late is told of the first answer, and not to give a reason', async () => {
    const { url } = await openedWait(stuck);
    await press(url, { action: 'try-again', by: 'Ada' });
    const late = await press(url, { action: 'done-by-hand', by: 'Kim' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('Try again: answered by Ada (operator).');
  });
});

describe('who cancelled an order, and why,', () => {
  it('is nothing that the holder of a link is told, in any form', async () => {
    const { url, ...wait } = await openedWait();
    const by = 'arn:aws:iam::000000000000:user/shop';
    const at = now.toISOString();
    await giveAnswer(wait, { error: 'OrderCancelled', by, at, detail: { reason: 'fraud?' } });
    const json = await get(url, { headers: { accept: 'application/json' } });
    expect(json.body.answer).toEqual({ error: 'OrderCancelled', at });
    const late = await post(url, { action: 'picked' });
    expect(late).toMatchObject({ status: 409, body: { recorded: { error: 'OrderCancelled', at } } });
    for (const { text } of [json, late, await get(url), await press(url, { action: 'picked' })]) {
      expect(text).not.toMatch(/arn:|fraud/);
      expect(text).toMatch(/OrderCancelled|order was cancelled/);
    }
  });
});

describe('a link that was replaced by a newer one', () => {
  async function retiredWait() {
    const wait = await openedWait();
    await retireLinks((await readWait(wait.waitId))!, 'warehouse', now);
    const newer = signCallback('https://api.example.com', { ...wait.link, generation: 1 }, keysNow());
    return { ...wait, newer };
  }

  it('says so to whoever opens it or answers with it, tells nothing else, and does nothing', async () => {
    const { url, orderId } = await retiredWait();
    const before = await everything();
    for (const page of [await get(url), await press(url, { action: 'picked' })]) {
      expect(page.status).toBe(410);
      expect(page.text).toContain('This link was replaced by a newer one');
      expect(page.text).not.toMatch(new RegExp(`${orderId}|tea-green|<form`));
    }
    expect(await post(url, { action: 'picked' })).toMatchObject({
      status: 410,
      body: { type: 'urn:problem:waybill:retired-link' },
    });
    expect(await everything()).toEqual(before);
  });

  it('stays replaced when the newer one has answered', async () => {
    const { url, newer } = await retiredWait();
    expect((await press(newer, { action: 'picked', by: 'Robin' })).status).toBe(200);
    for (const page of [await get(url), await press(url, { action: 'picked' })]) {
      expect(page.status).toBe(410);
      expect(page.text).not.toContain('Robin');
    }
  });

  it('between reading and writing does not act: the generation is in the condition of the write', async () => {
    const { url, waitId, newer } = await openedWait().then(async (wait) => ({
      ...wait,
      newer: signCallback('https://api.example.com', { ...wait.link, generation: 1 }, keysNow()),
    }));
    const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');
    const send = documentClient.send.bind(documentClient) as (command: unknown) => Promise<unknown>;
    const spy = vi.spyOn(documentClient, 'send').mockImplementation((async (command: unknown) => {
      const { input } = command as { input: { UpdateExpression?: string } };
      if (input.UpdateExpression?.includes('answer')) {
        spy.mockRestore();
        await retireLinks((await readWait(waitId))!, 'warehouse', now);
      }
      return send(command);
    }) as never);
    const page = await press(url, { action: 'picked' });
    expect(page.status).toBe(410);
    expect(await readWait(waitId)).not.toHaveProperty('answer');
    expect((await press(newer, { action: 'picked' })).status).toBe(200);
  });

  it('of the future is no better', async () => {
    const { link } = await openedWait();
    const url = signCallback('https://api.example.com', { ...link, generation: 7 }, keysNow());
    expect((await press(url, { action: 'picked' })).status).toBe(410);
  });
});

describe('a link that is none of ours', () => {
  it('forged, cut off or moved to another wait gets one and the same answer, which tells nothing', async () => {
    const [wait, other] = [await openedWait(), await openedWait()];
    const before = await everything();
    const bad = [
      wait.url.replace(/sig=.{5}/, 'sig=AAAAA'),
      wait.url.slice(0, -1),
      wait.url.slice(0, wait.url.indexOf('&sig')),
      wait.url.slice(0, wait.url.indexOf('?')),
      wait.url.replace('kid=k1', 'kid=k9'),
      wait.url.replace(/exp=\d+/, 'exp=9999999999'),
      wait.url.replace('actions=picked', 'actions=burn'),
      wait.url.replace(encodeURIComponent(wait.waitId), encodeURIComponent(other.waitId)),
      wait.url.replace(encodeURIComponent(wait.waitId), 'ord_none%23AwaitPicking'),
      wait.url.replace(encodeURIComponent(wait.waitId), '%25zz'),
    ];
    for (const call of [
      (url: string) => get(url),
      (url: string) => press(url, { action: 'picked' }),
      (url: string) => post(url, 'no JSON'),
    ]) {
      const answers = await Promise.all(bad.map(call));
      expect(answers[0]!.status).toBe(403);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]!.text).not.toMatch(/ord_|tea-green|picked|exp|kid|sig/);
    }
    expect(await everything()).toEqual(before);
  });

  it('whatever is wrong with it, by whatever request: the refusal is the same byte for byte', async () => {
    const { url } = await openedWait();
    const before = await everything();
    const { waitId, query } = { waitId: by(url).pathParameters!.waitId!, query: new URL(url).search.slice(1) };
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    const refusals: Record<string, Set<string>> = { page: new Set(), form: new Set(), json: new Set() };
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const ask = {
      page: (more: Partial<RequestOptions>) => get(url, more),
      form: (more: Partial<RequestOptions>) =>
        request(answerWait, by(url, { ...more, ...form, body: 'action=picked' })),
      json: (more: Partial<RequestOptions>) =>
        request(
          answerWait,
          by(url, { ...more, method: 'POST', body: { action: 'picked' }, headers: { accept: '*/*' } }),
        ),
    };
    const edits = fc.constantFrom('replace', 'insert', 'cut');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('waitId', 'query'),
        fc.nat(),
        edits,
        character,
        fc.constantFrom('page', 'form', 'json'),
        async (part, at, edit, c, how) => {
          const before = part === 'waitId' ? waitId : query;
          const place = at % before.length;
          const rest = { replace: c + before.slice(place + 1), insert: c + before.slice(place), cut: '' }[edit]!;
          const after = before.slice(0, place) + rest;
          fc.pre(after !== before && !(part === 'query' && c === '#'));
          const answer = await ask[how as 'page'](
            part === 'waitId' ? { pathParameters: { waitId: after } } : { path: `/waits/x?${after}` },
          );
          expect(answer.status).toBe(403);
          refusals[how]!.add(JSON.stringify([answer.headers, answer.text]));
        },
      ),
      { numRuns: 600 },
    );
    for (const seen of Object.values(refusals)) expect(seen.size).toBe(1);
    expect(refusals.form).toEqual(refusals.page);
    expect(await everything()).toEqual(before);
  });

  it('reads no table', async () => {
    const { url } = await openedWait();
    const send = vi.spyOn((await import('../../../lambdas/adapters/document-client.ts')).documentClient, 'send');
    await get(url.slice(0, -1));
    await press(url.slice(0, -1), { action: 'picked' });
    expect(send).not.toHaveBeenCalled();
    send.mockRestore();
  });

  it('does not make us ask for the keys again and again', async () => {
    const { url } = await openedWait();
    vi.setSystemTime('2030-01-02T04:01:00Z');
    await get(url.replace('kid=k1', 'kid=k9'));
    const asked = aws.calls.length;
    for (let i = 0; i < 50; i++) await get(url.replace('kid=k1', `kid=k${i + 10}`));
    expect(aws.calls.length).toBe(asked);
  });
});

describe('a link that has expired', () => {
  it('is 410 for whoever opens it and for whoever presses a button, and leaves nothing behind', async () => {
    const { url, link, orderId } = await openedWait();
    vi.setSystemTime((link.expiresAtSeconds + 1) * 1000);
    const before = await everything();
    for (const page of [await get(url), await press(url, { action: 'picked' })]) {
      expect(page.status).toBe(410);
      expect(page.text).toContain('expired');
      expect(page.text).not.toContain(orderId);
    }
    expect(await post(url, { action: 'picked' })).toMatchObject({
      status: 410,
      body: { type: 'urn:problem:waybill:expired-link' },
    });
    expect(await everything()).toEqual(before);
  });

  it('is 403 like any other forgery when somebody moved its expiry', async () => {
    const { url, link } = await openedWait();
    vi.setSystemTime((link.expiresAtSeconds + 1) * 1000);
    const moved = url.replace(`exp=${link.expiresAtSeconds}`, `exp=${link.expiresAtSeconds + 100}`);
    expect((await get(moved)).status).toBe(403);
  });
});

describe('keys', () => {
  it('rotate: a link of the new key works at once, a link of the old key as long as its key is kept', async () => {
    const { url: oldUrl, link } = await openedWait();
    await get(oldUrl);
    const k2 = 'another key for tests, of 32 and more characters';
    aws.secrets.set(
      'callback-keys',
      JSON.stringify({ ...JSON.parse(aws.secrets.get('callback-keys')!), current: 'k2', k2 }),
    );
    const newUrl = signCallback('https://api.example.com', link, parseCallbackKeys(aws.secrets.get('callback-keys')!));
    expect(newUrl).toContain('kid=k2');
    vi.setSystemTime(now.getTime() + 15 * 60_000);
    expect((await get(newUrl)).status).toBe(200);
    expect((await get(oldUrl)).status).toBe(200);
    aws.secrets.set('callback-keys', JSON.stringify({ current: 'k2', k2 }));
    vi.setSystemTime(now.getTime() + 30 * 60_000);
    expect((await get(oldUrl)).status).toBe(403);
    aws.secrets.set(
      'callback-keys',
      JSON.stringify({ current: 'k1', k1: 'a key for tests, of at least 32 characters' }),
    );
    vi.setSystemTime(now.getTime() + 45 * 60_000);
    expect((await get(oldUrl)).status).toBe(200);
  });

  it('cannot be read for a while: forged links are refused as ever, and good ones work', async () => {
    const { url } = await openedWait();
    await get(url);
    vi.setSystemTime(now.getTime() + 60_000);
    for (let i = 0; i < 3; i++) {
      aws.failNext('GetSecretValue', 'InternalServiceError');
      const asked = aws.calls.length;
      expect((await get(`${url}x`)).status).toBe(403);
      expect((await get(url)).status).toBe(200);
      // Asked once, and not again for ten seconds.
      expect(aws.calls.length - asked).toBe(i === 0 ? 1 : 0);
    }
    aws.failures.clear();
  });

  it('signatures, tokens and links are in no log line', async () => {
    const { url, taskToken } = await openedWait();
    const sig = new URL(url).searchParams.get('sig')!;
    const logs = await logsOf(async () => {
      await get(url);
      await get(`${url}x`);
      await press(url, { action: 'burn' });
      await press(url, { action: 'picked' });
      aws.failNext('GetSecretValue', 'AccessDeniedException');
      vi.setSystemTime(now.getTime() + 60 * 60_000);
      expect((await get(url)).status).toBe(500);
    });
    for (const secret of [sig, taskToken, 'a key for tests', 'kid=']) expect(logs).not.toContain(secret);
  });
});
