import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, localClient, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { waits } from '../../statemachines/order-fulfillment.steps.ts';
import { placed } from '../support/story.ts';

/** Moves time, which passes for everyone: so a runtime of its own, and one story after another. */
let runtime: LocalRuntime;
let door: FrontDoor;
let scheduler: SchedulerClient;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, await readShelves());
  door = await openLocalFrontDoor(runtime);
  scheduler = new SchedulerClient(localClient(runtime.awsEndpoint));
});
afterAll(() => runtime[Symbol.asyncDispose]());

const { warehouseEmail: warehouse, supervisorEmail: supervisor } = mailContext;
const question = 'Pick this order';

/** What was mailed about an order's picking: who was asked or reminded. */
async function mailed(orderId: string): Promise<string[]> {
  const mails = (await door.mails()).filter(({ subject }) => subject.includes(question) && subject.includes(orderId));
  return mails.map(({ to, subject }) => `${subject.startsWith('Reminder') ? 'reminder' : 'request'} to ${to[0]}`);
}
const mailedThen = (orderId: string, count: number) =>
  eventually(`${count} mails about ${orderId}`, async () => {
    const found = await mailed(orderId);
    return found.length >= count ? found : undefined;
  });

async function schedulesOf(orderId: string): Promise<(string | undefined)[]> {
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ NamePrefix: orderId }));
  return Schedules.map(({ Name }) => Name);
}
const noScheduleOf = (orderId: string) =>
  eventually(`no schedule of ${orderId}`, async () => ((await schedulesOf(orderId)).length === 0 ? true : undefined));

/** Hours since the order was placed, the steps before its picking being done within the first minutes. */
function clock() {
  let hour = 0;
  return async (until: number) => {
    await runtime.advance(`${Math.round((until - hour) * 60)}m`);
    hour = until;
  };
}

test('nobody picks: who is asked is reminded at the times of the table, then the next is, and no schedule is left', async () => {
  expect([waits.AwaitPicking, waits.EscalatePicking]).toEqual([
    { timeoutSeconds: 24 * 3600, remindAfterSeconds: [8 * 3600, 20 * 3600] },
    { timeoutSeconds: 24 * 3600, remindAfterSeconds: [12 * 3600] },
  ]);
  const orderId = await placed(door);
  await door.callbackLink(orderId, 'AwaitPicking');
  const itIs = clock();
  const expected = [`request to ${warehouse}`];
  const steps: [number, string | undefined][] = [
    [7.9, undefined],
    [8.1, `reminder to ${warehouse}`],
    [19.9, undefined],
    [20.1, `reminder to ${warehouse}`],
    [23.9, undefined],
    [24.1, `request to ${supervisor}`],
    [35.9, undefined],
    [36.2, `reminder to ${supervisor}`],
    [47.9, undefined],
  ];
  for (const [hour, mail] of steps) {
    await itIs(hour);
    if (mail) expected.push(mail);
    expect([hour, ...(await mailedThen(orderId, expected.length))]).toEqual([hour, ...expected]);
  }
  await noScheduleOf(orderId);
  await itIs(49);
  expect(await door.orderIn(orderId, 'cancelled')).toMatchObject({ outcome: { reason: 'WaitExpired' } });
  expect(await mailed(orderId)).toEqual(expected);
  expect(await schedulesOf(orderId)).toEqual([]);
});

test('an answer ends the reminders, and the link of a reminder answers as well as the first', async () => {
  const orderId = await placed(door);
  await door.callbackLink(orderId, 'AwaitPicking');
  const itIs = clock();
  await itIs(8.1);
  await mailedThen(orderId, 2);
  expect(await schedulesOf(orderId)).toEqual([`${orderId}.AwaitPicking`]);
  const link = await door.callbackLink(orderId, 'AwaitPicking', 2);
  expect((await door.answerByLink(link, 'picked')).status).toBe(200);
  await door.orderIn(orderId, 'confirmed');
  await noScheduleOf(orderId);
  await itIs(30);
  expect(await mailed(orderId)).toEqual([`request to ${warehouse}`, `reminder to ${warehouse}`]);
});

test('a power cut loses no reminder and sends none twice', async () => {
  const orderId = await placed(door);
  await door.callbackLink(orderId, 'AwaitPicking');
  const itIs = clock();
  await itIs(7.9);
  await runtime.kill();
  await runtime.restart();
  await itIs(8.1);
  expect(await mailedThen(orderId, 2)).toEqual([`request to ${warehouse}`, `reminder to ${warehouse}`]);
  await door.answerByLink(await door.callbackLink(orderId, 'AwaitPicking'), 'picked');
  await noScheduleOf(orderId);
  expect(await mailed(orderId)).toHaveLength(2);
});

test('all the while the detector looked every hour, and found nothing that hangs', async () => {
  const folder = join(runtime.stateDir, 'logs');
  const files = (await readdir(folder)).filter((name) => name.includes('FindStuck'));
  const lines = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('').split('\n');
  const looks = lines.filter((line) => line.includes('"WaitsPastDue"')).map((line) => JSON.parse(line));
  // 49 hours, 30, and 8.
  expect(looks.length).toBeGreaterThan(80);
  for (const name of ['WaitsPastDue', 'AnswersStuck', 'OrdersStuck']) {
    expect(looks.map((look) => [look[name]].flat().reduce((sum, found) => sum + found, 0)).filter(Boolean)).toEqual([]);
  }
  expect((await door.request('GET', '/stuck')).body).toEqual({ waits: [], orders: [] });
});
