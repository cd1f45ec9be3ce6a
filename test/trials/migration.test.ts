import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecutionListItem, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit, type Played } from '../../examples/demo/audit.ts';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, localClient, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { type EditedApp, editedApp, files, replacing } from '../support/edited-app.ts';
import { standingOrders } from '../support/standing-orders.ts';
import { pastTheTimeOf, scanned } from '../support/story.ts';

/**
 * Orders stand in every wait when a version is deployed in which waits have other names and one of them is gone. They are moved
 * there, and the links that people have in their mails still answer. Each test goes on where the one before it ended.
 */
let app: EditedApp;
let assemblies: Record<'v1' | 'v2' | 'v3' | 'v4' | 'v5', string>;
let runtime: LocalRuntime;
let door: FrontDoor;
let states: SFNClient;
let standing: ReturnType<typeof standingOrders>;
let stockBefore: Record<string, number>;
const played: Played[] = [];

beforeAll(async () => {
  app = await editedApp();
  assemblies = {
    v1: await app.synthesize('v1'),
    v2: await app.synthesize('v2', renamed(readFileSync(join(app.folder, files.definition), 'utf8'))),
    v3: await app.synthesize('v3', { [files.step]: replacing(handled, `${handled}${otherCode}`) }),
    v4: await app.synthesize('v4', { [files.step]: replacing(otherCode, brokenEnd) }),
    v5: await app.synthesize('v5', { [files.step]: replacing(brokenEnd, mended) }),
  };
  runtime = await startLocalRuntime({ assembly: assemblies.v1 });
  stockBefore = { ...(await readShelves()) };
  await fillShelves(runtime, stockBefore);
  door = await openLocalFrontDoor(runtime);
  states = new SFNClient(localClient(runtime.awsEndpoint));
  standing = standingOrders(runtime, door);
}, 300_000);
afterAll(async () => {
  await runtime?.[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
});

/** In the scratch copy, where the mapping is. */
const command = (name: 'migrate' | 'redrive', ...args: string[]) => begun(name, args).ended;

/** `speaks` resolves when it has found out what there is to do, and begins to do it. */
function begun(name: 'migrate' | 'redrive', args: string[]) {
  const child = spawn(process.execPath, [`operations/${name}/main.ts`, ...args, '--state', runtime.stateDir], {
    cwd: app.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const speaks = once(child.stdout!, 'data');
  const end = once(child, 'close') as Promise<[code: number]>;
  return { speaks, ended: end.then(([code]) => ({ code, output })) };
}

async function deploy(assemblyDir: string): Promise<void> {
  const response = await fetch(`${runtime.awsEndpoint}/_local/deploy`, {
    method: 'POST',
    body: JSON.stringify({ assemblyDir }),
  });
  expect(response.status, await response.text()).toBe(200);
}

const executions = async (output: 'StateMachineArn' | 'ResumeStateMachineArn'): Promise<ExecutionListItem[]> => {
  const stateMachineArn = runtime.outputs[output]!.split(':').slice(0, 7).join(':');
  return (await states.send(new ListExecutionsCommand({ stateMachineArn }))).executions!;
};

const three = <Made>(make: () => Promise<Made>): Promise<Made[]> => Promise.all([1, 2, 3].map(make));
const answer = async (link: string, action: string) => expect((await door.answerByLink(link, action)).status).toBe(200);

/** What was wrong with the shelf is repaired. */
async function waitingForOperator(): Promise<string> {
  const { sku, orderId } = await standing.forOperator();
  stockBefore[sku] = 10;
  await standing.label(sku, 9);
  return orderId;
}

const orders: Record<'picking' | 'pickingEscalated' | 'pickup' | 'pickupEscalated' | 'operator', string[]> = {
  picking: [],
  pickingEscalated: [],
  pickup: [],
  pickupEscalated: [],
  operator: [],
};
/** By order: the link that was mailed first, before anything was moved. */
const links = new Map<string, string>();
const ended = (orderIds: readonly string[], expected: Played['expected'], story: string) =>
  played.push(...orderIds.map((orderId) => ({ story, orderId, expected, seconds: 0 })));

describe('orders stand in every wait, and in the next version waits have other names', () => {
  test('a dry run tells where each of them would go on, and changes nothing', async () => {
    orders.pickupEscalated = await three(standing.forPickup);
    await runtime.advance(pastTheTimeOf('AwaitCarrierPickup'));
    for (const orderId of orders.pickupEscalated) {
      links.set(orderId, await door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitCarrierPickup'));
    }
    orders.pickingEscalated = await three(standing.forPicking);
    await runtime.advance(pastTheTimeOf('AwaitPicking'));
    for (const orderId of orders.pickingEscalated) {
      links.set(orderId, await door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitPicking'));
    }
    orders.operator = await three(waitingForOperator);
    for (const orderId of orders.operator) links.set(orderId, await door.callbackLink(orderId, 'AwaitOperator'));
    orders.picking = await three(standing.forPicking);
    for (const orderId of orders.picking) links.set(orderId, await door.callbackLink(orderId, 'AwaitPicking'));
    orders.pickup = await three(standing.forPickup);

    await deploy(assemblies.v2);
    const { code, output } = await command('migrate', '--from', '1', '--to', 'live', '--dry-run');
    expect(code, output).toBe(0);
    expect(moves(output)).toEqual({
      'AwaitPicking -> HoldForPicking': orders.picking.toSorted(),
      'EscalatePicking -> HoldForPicking': orders.pickingEscalated.toSorted(),
      'AwaitCarrierPickup -> AwaitCarrierPickup': orders.pickup.toSorted(),
      'EscalateCarrierPickup -> ChaseCarrierPickup': orders.pickupEscalated.toSorted(),
      'AwaitOperator -> HoldForOperator': orders.operator.toSorted(),
    });
    expect(output).toContain('15 would go on.');
    expect(await executions('ResumeStateMachineArn')).toEqual([]);
  });

  test('they are moved, and nobody is asked again who was asked the same', async () => {
    const before = (await door.mails()).length;
    const { code, output } = await command('migrate', '--from', '1', '--to', 'live');
    expect(code, output).toBe(0);
    expect(output).toContain('15 went on.');
    expect(await running()).toEqual({ main: 0, resume: 15 });

    // The warehouse is asked about the orders of which a supervisor was asked: that is another question. Operators have a week,
    // longer than a link that was mailed before is sure to live.
    const asked = [...orders.pickingEscalated, ...orders.operator];
    for (const orderId of orders.pickingEscalated) await door.callbackLink(orderId, 'AwaitPicking', 3);
    for (const orderId of orders.operator) await door.callbackLink(orderId, 'AwaitOperator', 2);
    const mails = (await door.mails()).slice(before);
    expect(mails.filter(({ text }) => !asked.some((orderId) => text.includes(orderId)))).toEqual([]);
  });

  test('links that were mailed before still answer, and every order ends as it should', async () => {
    for (const orderId of orders.operator) await answer(links.get(orderId)!, 'try-again');
    for (const orderId of [...orders.picking, ...orders.pickingEscalated]) await answer(links.get(orderId)!, 'picked');
    for (const orderId of orders.pickupEscalated) await answer(links.get(orderId)!, 'picked-up');
    for (const orderId of [...orders.picking, ...orders.pickingEscalated]) await door.orderIn(orderId, 'confirmed');
    const parcels = [...orders.picking, ...orders.pickingEscalated, ...orders.pickup];
    for (const orderId of parcels) expect((await scanned(door, orderId)).status).toBeLessThan(300);

    for (const orderId of [...parcels, ...orders.pickupEscalated]) await door.orderIn(orderId, 'completed');
    for (const orderId of orders.operator) await door.orderIn(orderId, 'cancelled');
    ended([...parcels, ...orders.pickupEscalated], 'completed', 'moved');
    ended(orders.operator, 'cancelled', 'moved from an operator');
    await expectBooksToAddUp();
  });
});

describe('people answer while orders are moved once more', () => {
  test('each answer counts once, whichever version hears it', async () => {
    const picking = [...(await three(standing.forPicking)), ...(await three(standing.forPicking))];
    for (const orderId of picking) links.set(orderId, await door.callbackLink(orderId, 'AwaitPicking'));
    const cancelled = await three(standing.forPicking);
    await deploy(assemblies.v3);
    const args = ['--from', '2', '--to', '3'];
    const both = [begun('migrate', args), begun('migrate', args)];
    await Promise.race(both.map(({ speaks }) => speaks));
    await Promise.all([
      ...picking.map((orderId) => answer(links.get(orderId)!, 'picked')),
      ...cancelled.map(async (orderId) => expect((await door.cancelOrder(orderId)).status).toBe(202)),
    ]);
    for (const { ended: end } of both) {
      const { code, output } = await end;
      expect([0, 2], output).toContain(code);
    }

    for (const orderId of picking) {
      await door.orderIn(orderId, 'confirmed');
      await scanned(door, orderId);
    }
    for (const orderId of picking) await door.orderIn(orderId, 'completed');
    for (const orderId of cancelled) await door.orderIn(orderId, 'cancelled');
    ended(picking, 'completed', 'answered while moved');
    ended(cancelled, 'cancelled', 'cancelled while moved');
    const last = await command('migrate', '--from', '2', '--to', '3');
    expect(last).toEqual({ code: 0, output: expect.stringContaining('0 went on.') });
    await expectBooksToAddUp();
  });
});

describe('orders failed because of a bug', () => {
  test('they go on in the version that mends it, where they gave up', async () => {
    await deploy(assemblies.v4);
    const orderIds = await three(standing.forPickup);
    for (const orderId of orderIds) await scanned(door, orderId);
    await eventually('all to have failed', async () =>
      (await executions('StateMachineArn')).filter(({ status }) => status === 'FAILED').length === 3 ? true : undefined,
    );
    const [first] = orderIds as [string];
    const refused = await command('redrive', '--order', first);
    expect(refused).toEqual({ code: 1, output: expect.stringContaining(`npm run migrate -- --order ${first}`) });

    await deploy(assemblies.v5);
    const listed = await command('migrate', '--from', '4', '--to', 'live');
    expect(listed.output).toContain('3 of version 4 have failed, and --failed restarts them');
    const { code, output } = await command('migrate', '--from', '4', '--to', 'live', '--failed');
    expect(code, output).toBe(0);
    expect(moves(output)).toEqual({ 'CompleteOrder -> CompleteOrder': orderIds.toSorted() });
    for (const orderId of orderIds) await door.orderIn(orderId, 'completed');
    ended(orderIds, 'completed', 'failed and restarted');
    await expectBooksToAddUp();
    expect((await command('migrate', '--from', '4', '--failed')).output).toContain('0 went on.');
  });
});

/** `AwaitPicking -> HoldForPicking`: the orders. */
function moves(output: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [, orderId, move] of output.matchAll(/^ {2}(ord_\S+) {2}(\S+ -> \S+)/gm)) {
    found[move!] = [...(found[move!] ?? []), orderId!].toSorted();
  }
  return found;
}

const running = async () => {
  const count = async (output: 'StateMachineArn' | 'ResumeStateMachineArn') =>
    (await executions(output)).filter(({ status }) => status === 'RUNNING').length;
  return { main: await count('StateMachineArn'), resume: await count('ResumeStateMachineArn') };
};

async function expectBooksToAddUp(): Promise<void> {
  const { discrepancies } = await audit(runtime, door, played, stockBefore);
  // What was stopped goes on elsewhere, and what failed because of a bug does.
  expect(discrepancies.filter((one) => !/^the execution \S+ is (ABORTED|FAILED)/.test(one))).toEqual([]);
  expect(await running()).toEqual({ main: 0, resume: 0 });
  const all = [...(await executions('StateMachineArn')), ...(await executions('ResumeStateMachineArn'))];
  expect(all.filter(({ status }) => status === 'TIMED_OUT')).toEqual([]);
  for (const { orderId } of played) {
    const own = all.filter(({ name }) => name === orderId || name!.startsWith(`${orderId}-`));
    expect(own.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(1);
  }
  expect((await door.request('GET', '/stuck')).body).toEqual({ waits: [], orders: [] });
}

const handled = '.handler((checked, context) => {\n';
const otherCode = "if (name === '') throw new Error('a step has a name');\n";
const mended = "if (name === undefined) throw new Error('a step has a name');\n";
const brokenEnd = "if (name === 'CompleteOrder') throw new Error('broken on purpose');\n";

/** Two waits have other names, the escalation of the picking is gone; the ids of waits stay, because links have them. */
function renamed(v1: string) {
  const names: Record<string, string> = {
    AwaitPicking: 'HoldForPicking',
    EscalateCarrierPickup: 'ChaseCarrierPickup',
    AwaitOperator: 'HoldForOperator',
  };
  const everywhere = (text: string) =>
    Object.entries(names).reduce((all, [was, is]) => all.replaceAll(new RegExp(`(?<!#)${was}`, 'g'), is), text);
  const mapping = [{ from: 'order-fulfillment-v1.json', states: { ...names, EscalatePicking: 'HoldForPicking' } }];
  return {
    [files.definition]: (text: string) => {
      const definition = JSON.parse(everywhere(text));
      delete definition.States.EscalatePicking;
      for (const way of definition.States.HoldForPicking.Catch) {
        if (way.Next === 'EscalatePicking') way.Next = 'ExpirePicking';
      }
      return JSON.stringify(definition, null, 2);
    },
    [files.steps]: (text: string) => everywhere(text).replace(/ {2}EscalatePicking: .*\n/, ''),
    'statemachines/order-fulfillment-v1.json': () => v1,
    'statemachines/order-fulfillment.migration.json': () => JSON.stringify(mapping),
  };
}
