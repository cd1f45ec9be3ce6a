import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteFunctionConcurrencyCommand,
  LambdaClient,
  ListFunctionsCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { audit, type Played, readStock } from '../../examples/demo/audit.ts';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, localClient, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import { placed, scanned } from '../support/story.ts';

/**
 * One function after the other is throttled for an hour of moved time, in which an order needs it, and then runs again.
 * Afterwards every order has ended, nothing hangs, and the books add up.
 */
let runtime: LocalRuntime;
let door: FrontDoor;
let lambda: LambdaClient;
let states: SFNClient;
let functionNames: string[];
let stockBefore: Awaited<ReturnType<typeof readStock>>;
const played: Played[] = [];
const dynamodb = () => DynamoDBDocumentClient.from(new DynamoDBClient(localClient(runtime.awsEndpoint)));

beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, await readShelves());
  door = await openLocalFrontDoor(runtime);
  lambda = new LambdaClient(localClient(runtime.awsEndpoint));
  states = new SFNClient(localClient(runtime.awsEndpoint));
  functionNames = [];
  let Marker: string | undefined;
  do {
    const page = await lambda.send(new ListFunctionsCommand({ ...(Marker && { Marker }) }));
    functionNames.push(...page.Functions!.map(({ FunctionName }) => FunctionName!));
    Marker = page.NextMarker;
  } while (Marker);
  stockBefore = await readStock(dynamodb(), runtime);
});
afterAll(() => runtime[Symbol.asyncDispose]());

const nameOf = (id: string) => {
  const found = functionNames.filter(
    (name) => new RegExp(`(^|[a-z-])${id}[0-9A-F]{8}`).test(name) || name.endsWith(id),
  );
  if (found.length !== 1) throw new Error(`${found.length} functions are called ${id}: ${functionNames}`);
  return found[0]!;
};

const throttle = (id: string) =>
  lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: nameOf(id), ReservedConcurrentExecutions: 0 }));
const release = (id: string) => lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: nameOf(id) }));

/** Throttled for an hour. `meanwhile` happens at its beginning. */
async function off(id: string, meanwhile: () => Promise<unknown>): Promise<void> {
  await throttle(id);
  await meanwhile();
  await runtime.advance('1h');
  await release(id);
  // Longer than the longest pause between two tries of a step.
  await runtime.advance('20m');
}

async function ends(orderId: string, expected: Played['expected'], story: string): Promise<void> {
  await eventually(`${orderId} to end`, async () => {
    const { body } = await door.getOrder(orderId);
    return (body as { outcome?: unknown }).outcome ? true : undefined;
  });
  played.push({ story, orderId, expected, seconds: 0 });
  expect((await door.getOrder(orderId)).body, story).toMatchObject({ outcome: { status: expected } });
}
const pick = async (orderId: string) => door.answerByLink(await door.callbackLink(orderId, 'AwaitPicking'), 'picked');
const cancel = async (orderId: string) => {
  await door.callbackLink(orderId, 'AwaitPicking');
  expect((await door.cancelOrder(orderId)).status).toBe(202);
};
const pickAndScan = async (orderId: string) => {
  await pick(orderId);
  await door.orderIn(orderId, 'confirmed');
  await scanned(door, orderId);
};

/** Tried for about an hour, the dice say how long exactly: who is still trying when the step is back goes on. */
const asItComes = async (orderId: string) => {
  const { status } = await door.orderIn(orderId, 'confirmed', 'cancelled');
  if (status === 'cancelled') return status;
  await scanned(door, orderId);
  return 'completed';
};

type Expected = Played['expected'];
/** How an order comes to need a step while it is off, and how it ends. */
const orders: Record<
  string,
  { needsIt(orderId: string): Promise<unknown>; outcome: Expected | ((orderId: string) => Promise<Expected>) }
> = {
  // Tried for minutes: then the order is undone.
  ChargePayment: { needsIt: async () => {}, outcome: 'cancelled' },
  ReserveInventory: { needsIt: async () => {}, outcome: 'cancelled' },
  CreateShippingLabel: { needsIt: async () => {}, outcome: 'cancelled' },
  SendConfirmationEmail: { needsIt: pick, outcome: asItComes },
  CompleteOrder: { needsIt: pickAndScan, outcome: 'completed' },
  ...Object.fromEntries(
    ['VoidShippingLabel', 'ReleaseInventory', 'RefundPayment', 'SendCancellationEmail', 'CloseOrder'].map((step) => [
      step,
      { needsIt: cancel, outcome: 'cancelled' as const },
    ]),
  ),
};
/** An order comes to them only when an undo gave up before. */
const onlyAfterGivingUp = { RecordStuckUndos: true, RecordOperatorAnswer: true };

async function operatorsLink(orderId: string): Promise<string | undefined> {
  const mail = (await door.mails()).find(({ text }) => text.includes(encodeURIComponent(`${orderId}#AwaitOperator`)));
  return mail && /https?:\S+/.exec(mail.text)![0];
}

const startedAgain: string[] = [];
const executionOf = (orderId: string) =>
  states.send(
    new DescribeExecutionCommand({
      executionArn: `${runtime.outputs.StateMachineArn!.replace(':stateMachine:', ':execution:').replace(/:live$/, '')}:${orderId}`,
    }),
  );
const hasFailed = async (orderId: string) => (await executionOf(orderId)).status === 'FAILED';

/** As docs/operations.md says. */
async function startAgain(orderId: string): Promise<void> {
  const { input } = await executionOf(orderId);
  const stateMachineArn = runtime.outputs.StateMachineArn!;
  await states.send(new StartExecutionCommand({ stateMachineArn, name: `${orderId}-2`, input: input! }));
  startedAgain.push(orderId);
}

describe('for an hour nobody', () => {
  test('opens waits: nobody was asked meanwhile, and the order goes on then', async () => {
    let orderId = '';
    await off('OpenWait', async () => {
      orderId = await placed(door);
      await door.orderIn(orderId, 'labelled');
    });
    await pickAndScan(orderId);
    await ends(orderId, 'completed', 'OpenWait');
  });

  test('delivers answers: who answered was told so, and the answer arrives then', async () => {
    const orderId = await placed(door);
    await off('DeliverAnswer', async () => {
      expect((await pick(orderId)).status).toBe(200);
    });
    await door.orderIn(orderId, 'confirmed');
    await scanned(door, orderId);
    await ends(orderId, 'completed', 'DeliverAnswer');
  });

  test('delivers answers, and an order is cancelled meanwhile: it is undone then', async () => {
    const orderId = await placed(door);
    await door.callbackLink(orderId, 'AwaitPicking');
    await off('DeliverAnswer', async () => {
      expect((await door.cancelOrder(orderId)).status).toBe(202);
    });
    await ends(orderId, 'cancelled', 'DeliverAnswer, cancelled');
  });

  test('reminds: who is asked hears of it then, once', async () => {
    const orderId = await placed(door);
    await door.callbackLink(orderId, 'AwaitPicking');
    await runtime.advance('7h50m');
    await off('RemindWait', async () => {});
    await door.callbackLink(orderId, 'AwaitPicking', 2);
    const reminders = (await door.mails()).filter(
      ({ subject }) => subject.startsWith('Reminder') && subject.includes(orderId),
    );
    expect(reminders).toHaveLength(1);
    await pickAndScan(orderId);
    await ends(orderId, 'completed', 'RemindWait');
  });

  test('fails dead waits, after nobody had opened waits for longer than a message is tried: the order is undone then', async () => {
    let orderId = '';
    await off('FailDeadWait', async () => {
      await throttle('OpenWait');
      orderId = await placed(door);
      await door.orderIn(orderId, 'labelled');
      await runtime.advance('4h');
      await release('OpenWait');
    });
    await ends(orderId, 'cancelled', 'FailDeadWait');
    expect((await door.getOrder(orderId)).body).toMatchObject({ outcome: { reason: 'WaitNotOpened' } });
  });

  test.each(Object.entries(orders))('runs %s: the order ends all the same', async (step, { needsIt, outcome }) => {
    let orderId = '';
    await off(step, async () => {
      orderId = await placed(door);
      await needsIt(orderId);
    });
    // What gave up, after about an hour, is a person's: an undo an operator's, an end whoever the alarm calls.
    const link = await operatorsLink(orderId);
    if (link) expect((await door.answerByLink(link, 'try-again')).status).toBe(200);
    else if (await hasFailed(orderId)) await startAgain(orderId);
    await ends(orderId, typeof outcome === 'string' ? outcome : await outcome(orderId), step);
  });

  test('runs any step: every step of the process is among them', () => {
    expect(Object.keys({ ...orders, ...onlyAfterGivingUp }).sort()).toEqual(Object.keys(steps).sort());
  });
});

test('afterwards nothing hangs, and the books of all of them add up', async () => {
  await runtime.advance('10d');
  expect((await door.request('GET', '/stuck')).body).toEqual({ waits: [], orders: [] });
  const { discrepancies } = await audit(runtime, door, played, stockBefore);
  // Those that failed were started again, under another name.
  expect(
    discrepancies.filter(
      (sentence) => !startedAgain.some((orderId) => sentence.startsWith(`the execution ${orderId} is FAILED`)),
    ),
  ).toEqual([]);
});
