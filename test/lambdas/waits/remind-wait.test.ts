import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WaitMessage } from '../../../lambdas/domain/wait.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { consume, sqsEvent, streamEvent, waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const { handler } = await import('../../../lambdas/waits/remind-wait.ts');
const { handler: openWait } = await import('../../../lambdas/waits/open-wait.ts');
const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
const { giveAnswer } = await import('../../../lambdas/adapters/wait-table.ts');
const { placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { mailer } = await import('../../../lambdas/adapters/mailer-from-env.ts');
const { readSent } = await import('../../../lambdas/adapters/sandbox-outbox.ts');
const { scheduleNameOf } = await import('../../../lambdas/adapters/reminders.ts');
const { tokenSequenceOf } = await import('../../../lambdas/domain/wait.ts');

const entered = Date.parse('2030-01-02T00:00:00.000Z');
const time = (hour: number) => new Date(entered + hour * 3_600_000).toISOString();
const itIs = (hour: number) => vi.setSystemTime(time(hour));
const open = (message: WaitMessage) => consume(openWait, sqsEvent([message]));
const scheduleOf = (message: WaitMessage) => aws.schedules.get(scheduleNameOf(message.waitId));
const firesAt = (message: WaitMessage) => scheduleOf(message)?.ScheduleExpression;
const at = (hour: number) => `at(${time(hour).slice(0, 19)})`;

const remind = (message: WaitMessage) => consume(handler, sqsEvent([{ waitId: message.waitId }]));
const reminderAt = (message: WaitMessage, hour: number) =>
  readSent(`${message.waitId}#${tokenSequenceOf(message)}#reminder-${time(hour)}`);
const mailsOf = async (message: WaitMessage) => ({
  asked: Boolean(await readSent(`${message.waitId}#${tokenSequenceOf(message)}`)),
  at8: Boolean(await reminderAt(message, 8)),
  at20: Boolean(await reminderAt(message, 20)),
});

function pickingMessage(changes: Partial<WaitMessage> = {}): WaitMessage {
  return waitMessage({
    orderId: `ord_${randomUUID().slice(0, 8)}`,
    enteredAt: time(0),
    remindAfterSeconds: [8 * 3600, 20 * 3600],
    ...changes,
  });
}
const escalated = (message: WaitMessage): WaitMessage => ({
  ...message,
  taskToken: 'newer',
  enteredAt: time(24),
  contact: 'supervisor',
  remindAfterSeconds: [12 * 3600],
});
const answer = (message: WaitMessage) =>
  giveAnswer(message, { action: 'picked', by: 'Robin', at: new Date().toISOString() });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: entered });
  aws.schedules.clear();
  aws.calls.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a wait with reminders', () => {
  it('has one schedule from the moment in which it is opened, at the first of them', async () => {
    const message = pickingMessage();
    expect(await open(message)).toEqual([]);
    expect(aws.schedules.size).toBe(1);
    expect(firesAt(message)).toBe(at(8));
    expect(JSON.parse(scheduleOf(message)!.Target.Input)).toEqual({ waitId: message.waitId });
    expect(scheduleOf(message)!.Target.Arn).toBe(process.env.REMINDERS_QUEUE_ARN);
  });

  it('that nobody answers is reminded of twice, and has no schedule then', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(8);
    await remind(message);
    expect(firesAt(message)).toBe(at(20));
    expect(await mailsOf(message)).toEqual({ asked: true, at8: true, at20: false });
    itIs(20);
    await remind(message);
    expect(aws.schedules.size).toBe(0);
    expect(await mailsOf(message)).toEqual({ asked: true, at8: true, at20: true });
  });

  it('sends a mail that says that it is a reminder, of what, and until when, with a link like the first', async () => {
    const order = placedOrder();
    await placeOrder(order);
    const message = pickingMessage({ orderId: order.orderId, waitId: `${order.orderId}#AwaitPicking` });
    await open(message);
    itIs(8);
    await remind(message);
    const mail = (await reminderAt(message, 8))!;
    expect(mail).toMatchObject({
      to: 'warehouse@example.com',
      subject: `Reminder: Pick this order: ${order.orderId}`,
    });
    expect(mail.text).toContain('This is a reminder');
    expect(mail.text).toContain('until 3 January 2030 at 00:00 UTC');
    expect(mail.text).toContain('2 x tea-green');
    const first = (await readSent(`${message.waitId}#${tokenSequenceOf(message)}`))!;
    const linkIn = (text: string) => /https:\S+/.exec(text)![0];
    expect(linkIn(mail.text!)).toBe(linkIn(first.text!));
  });

  it('has its schedule deleted when its answer is delivered', async () => {
    const message = pickingMessage();
    aws.openTokens.add(message.taskToken);
    await open(message);
    await answer(message);
    expect(await consume(deliverAnswer, streamEvent([message.waitId]))).toEqual([]);
    expect(aws.schedules.size).toBe(0);
  });

  it('puts its token into no schedule and into no log line', async () => {
    const message = pickingMessage({ taskToken: `secret-${randomUUID()}` });
    const logs = await logsOf(async () => {
      await open(message);
      itIs(8);
      await remind(message);
    });
    expect(JSON.stringify([...aws.schedules.values()]) + logs).not.toContain(message.taskToken);
  });
});

it('a wait without reminders costs no call', async () => {
  const message = pickingMessage({ remindAfterSeconds: [] });
  aws.openTokens.add(message.taskToken);
  await open(message);
  await answer(message);
  await consume(deliverAnswer, streamEvent([message.waitId]));
  expect(aws.calls.filter((call) => call.endsWith('Schedule'))).toEqual([]);
});

describe('an escalation', () => {
  it('takes the schedule over: its own reminder goes to its own contact', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(24);
    await open(escalated(message));
    expect(firesAt(message)).toBe(at(36));
    itIs(36);
    await remind(escalated(message));
    const mail = await readSent(`${message.waitId}#${tokenSequenceOf(escalated(message))}#reminder-${time(36)}`);
    expect(mail?.to).toBe('supervisor@example.com');
    expect(aws.schedules.size).toBe(0);
  });

  it('is not disturbed by a reminder of the entry before that comes late: no mail, and its schedule stays', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(24);
    await open(escalated(message));
    itIs(25);
    await remind(message);
    expect(await mailsOf(message)).toEqual({ asked: true, at8: false, at20: false });
    expect(firesAt(message)).toBe(at(36));
  });

  it('has its reminder mailed once when one of the entry before comes at the same time', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(24);
    await open(escalated(message));
    itIs(36);
    const send = vi.spyOn(mailer, 'send');
    await remind(message);
    await remind(escalated(message));
    const keys = send.mock.calls.map(([{ key }]) => key);
    send.mockRestore();
    expect(new Set(keys)).toEqual(
      new Set([`${message.waitId}#${tokenSequenceOf(escalated(message))}#reminder-${time(36)}`]),
    );
    expect(aws.schedules.size).toBe(0);
  });

  it('without reminders leaves the schedule before it to its next invocation, which deletes it', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(19);
    const silent = { ...escalated(message), enteredAt: time(19), remindAfterSeconds: [] };
    await open(silent);
    itIs(20);
    await remind(message);
    expect(aws.schedules.size).toBe(0);
    expect(await mailsOf(message)).toEqual({ asked: true, at8: false, at20: false });
  });
});

describe('when something was down', () => {
  it('a reminder that comes twice, or is tried again, is one mail', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(8);
    const send = vi.spyOn(mailer, 'send');
    await remind(message);
    await remind(message);
    itIs(8.1);
    await remind(message);
    const keys = send.mock.calls.map(([{ key }]) => key);
    send.mockRestore();
    expect(new Set(keys).size).toBe(1);
    expect(firesAt(message)).toBe(at(20));
  });

  it('a reminder that is hours late is one mail, the last that was due, and not two', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(22);
    await remind(message);
    expect(await mailsOf(message)).toEqual({ asked: true, at8: false, at20: true });
    expect(aws.schedules.size).toBe(0);
  });

  it('a reminder that comes after the deadline is none', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(24);
    await remind(message);
    expect(await mailsOf(message)).toEqual({ asked: true, at8: false, at20: false });
    expect(aws.schedules.size).toBe(0);
  });

  it('a wait that is opened hours late begins with the reminder that is still to come', async () => {
    const message = pickingMessage();
    itIs(9);
    await open(message);
    expect(firesAt(message)).toBe(at(20));
  });

  it('a scheduler that fails makes the message come again, and whoever is asked has the mail already, once', async () => {
    const message = pickingMessage();
    const send = vi.spyOn(mailer, 'send');
    aws.failNext('CreateSchedule', 'InternalServerException');
    expect(await open(message)).toEqual(['message-0']);
    expect(await mailsOf(message)).toMatchObject({ asked: true });
    expect(await open(message)).toEqual([]);
    expect(firesAt(message)).toBe(at(8));
    expect(new Set(send.mock.calls.map(([{ key }]) => key)).size).toBe(1);
    send.mockRestore();
  });

  it('a mail that cannot be sent makes the reminder come again, and does not lose the reminders after it', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(8);
    vi.spyOn(mailer, 'send').mockRejectedValueOnce(new Error('mail is down'));
    expect(await remind(message)).toEqual(['message-0']);
    expect(firesAt(message)).toBe(at(20));
    await remind(message);
    expect(await mailsOf(message)).toMatchObject({ at8: true, at20: false });
  });

  it('a scheduler that fails makes the reminder come again, and the mail is sent all the same', async () => {
    const message = pickingMessage();
    await open(message);
    itIs(8);
    aws.failNext('CreateSchedule', 'InternalServerException');
    expect(await remind(message)).toEqual(['message-0']);
    expect(await mailsOf(message)).toMatchObject({ at8: true });
    await remind(message);
    expect(firesAt(message)).toBe(at(20));
  });

  it('a schedule that could not be deleted does not fail the delivery, and goes at its next invocation, without a mail', async () => {
    const message = pickingMessage();
    aws.openTokens.add(message.taskToken);
    await open(message);
    await answer(message);
    aws.failNext('DeleteSchedule', 'InternalServerException');
    expect(await consume(deliverAnswer, streamEvent([message.waitId]))).toEqual([]);
    expect(aws.schedules.size).toBe(1);
    itIs(8);
    await remind(message);
    expect(aws.schedules.size).toBe(0);
    expect(await mailsOf(message)).toEqual({ asked: true, at8: false, at20: false });
  });

  it('a message that is delivered again after the answer makes no schedule', async () => {
    const message = pickingMessage();
    aws.openTokens.add(message.taskToken);
    await open(message);
    await answer(message);
    await consume(deliverAnswer, streamEvent([message.waitId]));
    expect(await open(message)).toEqual([]);
    expect(aws.schedules.size).toBe(0);
  });
});
