import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';
import { consume, sqsEvent, waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const { handler } = await import('../../../lambdas/waits/open-wait.ts');
const { giveAnswer, readWait, readWaitWithToken } = await import('../../../lambdas/adapters/wait-table.ts');
const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { readSent } = await import('../../../lambdas/adapters/sandbox-outbox.ts');
const { mailer } = await import('../../../lambdas/adapters/mailer-from-env.ts');
const { tokenSequenceOf } = await import('../../../lambdas/domain/wait.ts');
const { verifyCallback, parseCallbackKeys } = await import('../../../lambdas/domain/callback-signature.ts');

const open = (...messages: unknown[]) => consume(handler, sqsEvent(messages));
const newOrderId = () => `ord_${randomUUID()}`;
type Message = ReturnType<typeof waitMessage>;
const mailOf = (message: Message) => readSent(`${message.waitId}#${tokenSequenceOf(message)}`);
const linkIn = (text: string) => new URL(/https:\S+/.exec(text)![0]);

describe('a wait that the process enters', () => {
  it('is open: its token is in the table, it is in the inbox, and its contact has a signed link', async () => {
    const order = placedOrder();
    await placeOrder(order);
    const message = waitMessage({ orderId: order.orderId });
    expect(await open(message)).toEqual([]);
    expect(await readWaitWithToken(message.waitId)).toMatchObject({
      orderId: order.orderId,
      kind: 'picking',
      actions: ['picked', 'not-found'],
      token: message.taskToken,
      openedAt: expect.any(String),
      expiresAt: '2030-01-03T03:04:05.678Z',
    });
    const mail = await mailOf(message);
    expect(mail).toMatchObject({ to: 'warehouse@example.com', subject: expect.stringContaining(order.orderId) });
    expect(mail!.text).toContain('2 x tea-green');
    const link = linkIn(mail!.text!);
    const keys = parseCallbackKeys(aws.secrets.get('callback-keys')!);
    expect(decodeURIComponent(link.pathname)).toBe(`/waits/${message.waitId}`);
    expect(verifyCallback(message.waitId, link.search.slice(1), keys)).toMatchObject({
      actions: ['picked', 'not-found'],
      approver: 'warehouse',
      generation: 0,
    });
  });

  it('shows its token nowhere but in its item of the table', async () => {
    const message = waitMessage({ orderId: newOrderId(), taskToken: `secret-${randomUUID()}` });
    expect(await logsOf(() => open(message))).not.toContain(message.taskToken);
    const { WAITS, ...others } = await everything();
    expect(JSON.stringify(others)).not.toContain(message.taskToken);
    expect(JSON.stringify(WAITS).split(message.taskToken)).toHaveLength(2);
    expect(JSON.stringify(await readWait(message.waitId))).not.toContain(message.taskToken);
  });

  it('asks once, however often its message is delivered', async () => {
    const message = waitMessage({ orderId: newOrderId() });
    await open(message, message);
    const before = await everything();
    await open(message);
    expect(await everything()).toEqual(before);
  });

  it('asks at the redelivery when the mail failed the first time', async () => {
    const message = waitMessage({ orderId: newOrderId() });
    vi.spyOn(mailer, 'send').mockRejectedValueOnce(new Error('mail is down'));
    expect(await open(message)).toEqual(['message-0']);
    expect(await mailOf(message)).toBeUndefined();
    expect(await open(message)).toEqual([]);
    expect(await mailOf(message)).toBeDefined();
  });

  it('asks nobody when nobody is named, because the answer comes from elsewhere', async () => {
    const { contact: _, ...message } = waitMessage({ orderId: newOrderId(), kind: 'carrier-pickup', actions: [] });
    expect(await open(message)).toEqual([]);
    expect(await mailOf(message)).toBeUndefined();
  });
});

describe('a wait that is entered again', () => {
  it('has the newer token, keeps its place in the inbox, and asks the next contact', async () => {
    const message = waitMessage({ orderId: newOrderId() });
    await open(message);
    const { openedAt } = (await readWait(message.waitId))!;
    const escalated = {
      ...message,
      taskToken: 'newer',
      enteredAt: '2030-01-03T03:04:06Z',
      contact: 'supervisor' as const,
    };
    await open(escalated);
    expect(await readWaitWithToken(message.waitId)).toMatchObject({
      token: 'newer',
      openedAt,
      contact: 'supervisor',
      expiresAt: '2030-01-04T03:04:06.000Z',
    });
    expect((await mailOf(escalated))!.to).toBe('supervisor@example.com');
  });

  describe('before its deadline: its order was moved to another version, or its state tried again', () => {
    const moved = (message: Message, enteredAt = '2030-01-02T10:00:00.000Z') => ({
      ...message,
      taskToken: `of ${enteredAt}`,
      enteredAt,
    });
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-02T03:05:00.000Z') });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('asks nobody again who was asked: the mail that they have is as good', async () => {
      const message = waitMessage({ orderId: newOrderId() });
      await open(message);
      const { mailId } = (await mailOf(message))!;
      await open(moved(message));
      expect(await readWaitWithToken(message.waitId)).toMatchObject({ token: 'of 2030-01-02T10:00:00.000Z' });
      // Known as sent, and not sent: it has no text.
      expect(await mailOf(moved(message))).toMatchObject({ mailId });
      expect(await mailOf(moved(message))).not.toHaveProperty('text');
      const again = moved(message, '2030-01-02T11:00:00.000Z');
      await open(again);
      expect((await mailOf(again))!.mailId).toBe(mailId);
    });

    it('asks who was not asked because the mail failed', async () => {
      const message = waitMessage({ orderId: newOrderId() });
      vi.spyOn(mailer, 'send').mockRejectedValueOnce(new Error('mail is down'));
      await open(message);
      await open(moved(message));
      expect((await mailOf(moved(message)))!.text).toContain('https:');
    });

    it('asks again when something else may be answered, somebody else is asked, or links were retired', async () => {
      for (const change of [{ actions: ['picked'] }, { contact: 'supervisor' as const }]) {
        const message = waitMessage({ orderId: newOrderId() });
        await open(message);
        await open({ ...moved(message), ...change });
        expect((await mailOf(moved(message)))!.text).toContain('https:');
      }
      const { retireLinks } = await import('../../../lambdas/adapters/wait-links.ts');
      const message = waitMessage({ orderId: newOrderId() });
      await open(message);
      await retireLinks((await readWait(message.waitId))!, 'warehouse', new Date());
      await open(moved(message));
      expect((await mailOf(moved(message)))!.text).toContain('https:');
    });

    it('asks again when the link that was mailed would end before the wait', async () => {
      const message = waitMessage({ orderId: newOrderId(), timeoutSeconds: 20 * 86_400 });
      await open(message);
      await open(moved(message, '2030-01-20T00:00:00.000Z'));
      expect((await mailOf(moved(message, '2030-01-20T00:00:00.000Z')))!.text).toContain('https:');
    });

    it('is not shown as asked again, because its first deadline has not passed', async () => {
      const { wasAskedAgain } = await import('../../../lambdas/domain/wait.ts');
      const message = waitMessage({ orderId: newOrderId() });
      await open(message);
      await open(moved(message));
      expect(wasAskedAgain((await readWait(message.waitId))!)).toBe(false);
      await open(moved(message, '2030-01-03T03:04:06.000Z'));
      expect(wasAskedAgain((await readWait(message.waitId))!)).toBe(true);
    });
  });

  it('keeps the newer token when an older message comes after it', async () => {
    const older = waitMessage({ orderId: newOrderId(), taskToken: 'older' });
    const retried = { ...older, taskToken: 'retried', retryCount: 1 };
    await open(retried);
    const before = await everything();
    expect(await open(older)).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it('can be delivered to again, although its answer came too late for the token before', async () => {
    const { recordDelivery } = await import('../../../lambdas/adapters/wait-table.ts');
    const message = waitMessage({ orderId: newOrderId() });
    await open(message);
    await giveAnswer(message, { action: 'picked', by: 'Robin', at: '2030-01-03T03:04:05Z' });
    await recordDelivery(message.waitId, tokenSequenceOf(message), 'tooLateAt', new Date());
    const escalated = { ...message, taskToken: 'newer', enteredAt: '2030-01-03T03:04:06Z' };
    await open(escalated);
    const wait = (await readWaitWithToken(message.waitId))!;
    expect(wait).toMatchObject({ token: 'newer', answer: { action: 'picked' } });
    expect(wait).not.toHaveProperty('tooLateAt');
    expect(await mailOf(escalated)).toBeUndefined();
  });
});

describe('a wait that was answered before it was entered', () => {
  it('gets its token, is not in the inbox, and asks nobody', async () => {
    const message = waitMessage({ orderId: newOrderId() });
    await giveAnswer(message, { error: 'OrderCancelled', by: 'shop', at: '2030-01-02T03:00:00Z' });
    await open(message);
    const wait = (await readWaitWithToken(message.waitId))!;
    expect(wait).toMatchObject({ token: message.taskToken, answer: { error: 'OrderCancelled' } });
    expect(wait).not.toHaveProperty('openedAt');
    expect(await mailOf(message)).toBeUndefined();
  });
});

describe('a wait that ends', () => {
  const ended = (message: Message) => ({
    ...message,
    taskToken: 'last',
    enteredAt: '2030-01-04T00:00:00Z',
    answerIfNone: { error: 'WaitExpired' },
  });

  it('is answered by its end, if by nobody', async () => {
    const message = waitMessage({ orderId: newOrderId() });
    await open(message);
    await open(ended(message));
    const wait = (await readWaitWithToken(message.waitId))!;
    expect(wait).toMatchObject({ token: 'last', answer: { error: 'WaitExpired', by: 'workflow' } });
    expect(wait).not.toHaveProperty('openedAt');
  });

  it('keeps the answer that came in the last moment', async () => {
    const message = waitMessage({ orderId: newOrderId() });
    await open(message);
    await giveAnswer(message, { action: 'picked', by: 'Robin', at: '2030-01-03T23:59:59Z' });
    await open(ended(message));
    expect(await readWaitWithToken(message.waitId)).toMatchObject({ token: 'last', answer: { action: 'picked' } });
  });
});

describe('a message that no wait can be opened from', () => {
  it('fails alone, leaves nothing behind, and its token is in no log line', async () => {
    const before = await everything();
    const sound = waitMessage({ orderId: newOrderId() });
    const poison = { ...waitMessage({ orderId: newOrderId(), taskToken: 'secret-token' }), kind: 'lunch' };
    let failed: string[] = [];
    const logs = await logsOf(async () => {
      failed = await open('{"taskToken":"secret-token"', poison, sound, []);
    });
    expect(failed).toEqual(['message-0', 'message-1', 'message-3']);
    expect(logs).not.toContain('secret-token');
    expect((await everything()).WAITS).toHaveLength(before.WAITS!.length + 1);
  });
});
