import { afterEach, describe, expect, it, vi } from 'vitest';
import { request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';
import { waitMessage } from '../../support/wait-events.ts';

const { logsOf } = await startSurroundings();
const { handler } = await import('../../../lambdas/api/resend-link.ts');
const { handler: answerWait } = await import('../../../lambdas/api/answer-wait.ts');
const { mailer } = await import('../../../lambdas/adapters/mailer-from-env.ts');
const { giveAnswer, openWait, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');

// A round number of minutes, so that "within minutes" does not fall into two windows.
const now = new Date('2030-01-02T04:00:00.000Z');
vi.useFakeTimers({ toFake: ['Date'], now });
afterEach(() => {
  vi.setSystemTime(now);
});

async function opened(changes: object = {}) {
  const order = placedOrder();
  await placeOrder(order);
  const message = waitMessage({ orderId: order.orderId, ...changes });
  await openWait(message, now);
  return message;
}
const resend = (waitId: string, body?: unknown) =>
  request(handler, {
    method: 'POST',
    path: `/waits/${encodeURIComponent(waitId)}/links`,
    pathParameters: { waitId },
    body,
  });

interface Outbox {
  key: string;
  to: string;
  subject: string;
  text: string;
}
/** All mails about a wait. */
async function mailsOf(waitId: string): Promise<Outbox[]> {
  const { SANDBOX } = await everything();
  return (SANDBOX as string[]).map((text) => JSON.parse(text)).filter(({ key }) => key.startsWith(`mail#${waitId}#`));
}
const linkIn = ({ text }: Outbox) => new URL(/https:\S+/.exec(text)![0]);
const press = (url: URL) =>
  request(answerWait, {
    method: 'POST',
    path: url.pathname + url.search,
    pathParameters: { waitId: decodeURIComponent(url.pathname.split('/').at(-1)!) },
    headers: { accept: 'application/json' },
    body: { action: 'picked' },
  });
const inMinutes = (minutes: number) => vi.setSystemTime(now.getTime() + minutes * 60_000);

describe('a link that is sent again', () => {
  it('goes to whoever is asked, acts in their name, and leaves the others good', async () => {
    const { waitId } = await opened();
    expect(await resend(waitId)).toMatchObject({
      status: 202,
      body: { waitId, contact: 'warehouse', retiredOthers: false },
    });
    const [mail] = await mailsOf(waitId);
    expect(mail).toMatchObject({ to: 'warehouse@example.com', subject: expect.stringMatching(/^New link: Pick/) });
    expect(mail!.text).not.toContain('can no longer be used');
    expect(linkIn(mail!).searchParams.get('gen')).toBe('0');
    expect((await press(linkIn(mail!))).body.answer).toMatchObject({ by: 'warehouse' });
  });

  it('can go to somebody else', async () => {
    const { waitId } = await opened();
    expect((await resend(waitId, { contact: 'supervisor' })).body).toMatchObject({ contact: 'supervisor' });
    const [mail] = await mailsOf(waitId);
    expect(mail!.to).toBe('supervisor@example.com');
    expect((await press(linkIn(mail!))).body.answer).toMatchObject({ by: 'supervisor' });
  });

  it('is in no answer and in no log line: whoever asks for it does not get it', async () => {
    const { waitId } = await opened();
    let answer = '';
    const logs = await logsOf(async () => {
      answer = (await resend(waitId, { retireOthers: true })).text;
    });
    const sig = linkIn((await mailsOf(waitId))[0]!).searchParams.get('sig')!;
    for (const text of [answer, logs]) expect(text).not.toMatch(new RegExp(`${sig}|sig=|kid=`));
  });
});

describe('links that are retired', () => {
  it('do nothing any more; the new one does', async () => {
    const { waitId } = await opened();
    await resend(waitId);
    const [old] = await mailsOf(waitId);
    await resend(waitId, { retireOthers: true });
    const newer = (await mailsOf(waitId)).find(({ key }) => key !== old!.key)!;
    expect(newer.text).toContain('Links that were sent earlier can no longer be used.');
    expect((await press(linkIn(old!))).body).toMatchObject({ status: 410, type: 'urn:problem:waybill:retired-link' });
    expect((await press(linkIn(newer))).status).toBe(200);
    expect((await press(linkIn(old!))).status).toBe(410);
  });

  it('for another contact make that one the one that is asked: reminders go there, and not to whoever lost the link', async () => {
    const { waitId } = await opened();
    await resend(waitId, { contact: 'supervisor' });
    expect(await readWait(waitId)).toMatchObject({ contact: 'warehouse' });
    await resend(waitId, { contact: 'supervisor', retireOthers: true });
    expect(await readWait(waitId)).toMatchObject({ contact: 'supervisor', linkGeneration: 1 });
  });

  it('are retired by one write, which is refused when the wait was answered a moment before', async () => {
    const wait = await opened();
    const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');
    const send = documentClient.send.bind(documentClient) as (command: unknown) => Promise<unknown>;
    const answer = { action: 'picked', by: 'warehouse', at: now.toISOString() };
    const spy = vi.spyOn(documentClient, 'send').mockImplementation((async (command: unknown) => {
      const { input } = command as { input: { UpdateExpression?: string } };
      if (input.UpdateExpression?.includes('linkGeneration')) {
        spy.mockRestore();
        await giveAnswer(wait, answer);
      }
      return send(command);
    }) as never);
    expect(await resend(wait.waitId, { retireOthers: true })).toMatchObject({
      status: 409,
      body: { type: 'urn:problem:waybill:wait-not-open', recorded: answer },
    });
    expect(await readWait(wait.waitId)).not.toHaveProperty('linkGeneration');
    expect(await mailsOf(wait.waitId)).toEqual([]);
  });
});

describe('the same request again', () => {
  it.each([[{}], [{ retireOthers: true }]])('%o, twenty times in a minute, is one mail', async (body) => {
    const { waitId } = await opened();
    for (let i = 0; i < 20; i++) {
      vi.setSystemTime(now.getTime() + i * 3000);
      expect((await resend(waitId, body)).status).toBe(202);
    }
    const mails = await mailsOf(waitId);
    expect(mails).toHaveLength(1);
    // And the link in it was not retired by the nineteen others.
    expect((await press(linkIn(mails[0]!))).status).toBe(200);
  });

  it('at once retires once', async () => {
    const { waitId } = await opened();
    const answers = await Promise.all(Array.from({ length: 10 }, () => resend(waitId, { retireOthers: true })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202));
    expect(await readWait(waitId)).toMatchObject({ linkGeneration: 1 });
    expect((await press(linkIn((await mailsOf(waitId))[0]!))).status).toBe(200);
  });

  it('minutes later is another mail, and retires anew', async () => {
    const { waitId } = await opened();
    await resend(waitId, { retireOthers: true });
    inMinutes(6);
    await resend(waitId, { retireOthers: true });
    expect(await mailsOf(waitId)).toHaveLength(2);
    expect(await readWait(waitId)).toMatchObject({ linkGeneration: 2 });
  });

  it('for another contact retires what was sent to the first', async () => {
    const { waitId } = await opened();
    await resend(waitId, { retireOthers: true });
    const [first] = await mailsOf(waitId);
    await resend(waitId, { retireOthers: true, contact: 'supervisor' });
    expect((await press(linkIn(first!))).status).toBe(410);
    const second = (await mailsOf(waitId)).find(({ to }) => to === 'supervisor@example.com');
    expect((await press(linkIn(second!))).status).toBe(200);
  });

  it('after a mail that could not be sent sends it, with the link of the generation that is good', async () => {
    const { waitId } = await opened();
    vi.spyOn(mailer, 'send').mockRejectedValueOnce(new Error('mail is down'));
    expect((await resend(waitId, { retireOthers: true })).status).toBe(500);
    expect((await resend(waitId, { retireOthers: true })).status).toBe(202);
    expect(await readWait(waitId)).toMatchObject({ linkGeneration: 1 });
    expect((await press(linkIn((await mailsOf(waitId))[0]!))).status).toBe(200);
  });
});

describe('a link is refused', () => {
  it('for a wait that was answered: 409 with the answer, no mail, no change', async () => {
    const wait = await opened();
    const answer = { action: 'picked', by: 'warehouse', at: now.toISOString() };
    await giveAnswer(wait, answer);
    const before = await everything();
    for (const body of [{}, { retireOthers: true }]) {
      expect(await resend(wait.waitId, body)).toMatchObject({ status: 409, body: { recorded: answer } });
    }
    expect(await everything()).toEqual(before);
  });

  it('for a wait that is not there yet, or whose answer came first', async () => {
    const { orderId } = placedOrder();
    const waitId = `${orderId}#AwaitPicking`;
    expect((await resend(waitId)).status).toBe(404);
    await giveAnswer(
      { waitId, orderId, kind: 'picking' },
      { error: 'OrderCancelled', by: 'shop', at: now.toISOString() },
    );
    expect((await resend(waitId, { contact: 'warehouse' })).status).toBe(409);
  });

  it('for a contact whose role may not answer the wait: no link, no mail, nothing retired', async () => {
    const stuck = await opened({ kind: 'operator', actions: ['try-again', 'done-by-hand'], contact: 'operator' });
    const picking = await opened();
    const before = await everything();
    for (const [waitId, contact] of [
      [stuck.waitId, 'warehouse'],
      [stuck.waitId, 'supervisor'],
      [picking.waitId, 'operator'],
    ]) {
      expect(await resend(waitId!, { contact, retireOthers: true })).toMatchObject({
        status: 409,
        body: { type: 'urn:problem:waybill:not-theirs' },
      });
    }
    expect(await everything()).toEqual(before);
  });

  it('when links were retired fifty times, so that asking for two contacts in turns is no flood of mails', async () => {
    const { waitId } = await opened();
    const statuses = [];
    for (let i = 0; i < 60; i++) {
      const contact = i % 2 ? 'supervisor' : 'warehouse';
      statuses.push((await resend(waitId, { contact, retireOthers: true })).status);
    }
    // The last repeats the fiftieth, and so does every other one after it.
    expect(statuses).toEqual([...Array(50).fill(202), ...Array(5).fill([409, 202]).flat()]);
    const mails = await mailsOf(waitId);
    expect(mails).toHaveLength(50);
    const last = mails.find((mail) => linkIn(mail).searchParams.get('gen') === '50');
    expect((await press(linkIn(last!))).status).toBe(200);
  });

  it('for a wait that no person is asked about', async () => {
    const wait = await opened({ contact: undefined, actions: [] });
    expect((await resend(wait.waitId)).body.type).toBe('urn:problem:waybill:nobody-asked');
    expect((await resend(wait.waitId, { contact: 'warehouse', retireOthers: true })).status).toBe(409);
    expect(await readWait(wait.waitId)).not.toHaveProperty('linkGeneration');
  });

  it.each([
    ['an unknown contact', { contact: 'ada@example.com' }, 400],
    ['an unknown field', { all: true }, 400],
    ['no boolean', { retireOthers: 'yes' }, 400],
    ['broken JSON', '{', 415],
  ])('with %s', async (_, body, status) => {
    const { waitId } = await opened();
    const before = await everything();
    expect((await resend(waitId, body)).status).toBe(status);
    expect(await everything()).toEqual(before);
  });

  it.each(['', 'x', '%00', 'ord_1#AwaitPicking/../x', `${'x'.repeat(200)}#AwaitPicking`])(
    'for the id %j',
    async (waitId) => {
      expect((await resend(waitId)).status).toBe(404);
    },
  );
});
