import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, localClient, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import type { Listing } from '../../operations/versions/list.ts';
import type { PrunePlan } from '../../operations/versions/prune-plan.ts';
import { type EditedApp, editedApp, editingStates, files, replacing } from '../support/edited-app.ts';
import { standingOrders } from '../support/standing-orders.ts';
import { pastTheTimeOf, placed, scanned } from '../support/story.ts';

/**
 * One process is deployed over and over while orders are in flight. Each test goes on where the one before it ended.
 * Version 1 is the project's. 2 weighs parcels, and all that comes after the picking is broken in it; 3 is whole again and
 * weighs nothing any more; 4 fails whatever it starts.
 */
let app: EditedApp;
let assemblies: Record<'v1' | 'v2' | 'v3' | 'v4', string>;
let runtime: LocalRuntime;
let door: FrontDoor;
let states: SFNClient;
let standing: ReturnType<typeof standingOrders>;

beforeAll(async () => {
  app = await editedApp();
  assemblies = {
    v1: await app.synthesize('v1'),
    v2: await app.synthesize('v2', breakAndWeigh),
    v3: await app.synthesize('v3', wholeAgain),
    v4: await app.synthesize('v4', failAtOnce, { deployment: 'canary', deploymentPercentage: '50' }),
  };
  runtime = await startLocalRuntime({ assembly: assemblies.v1 });
  await fillShelves(runtime, await readShelves());
  door = await openLocalFrontDoor(runtime);
  states = new SFNClient(localClient(runtime.awsEndpoint));
  standing = standingOrders(runtime, door);
}, 600_000);
afterAll(async () => {
  await runtime?.[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
});

/** In the scratch copy, whose steps file has the retired row. */
function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['operations/versions/main.ts', ...args, '--state', runtime.stateDir], {
    cwd: app.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function versions(...args: string[]): Promise<string> {
  const child = start(...args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`versions ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

const listing = async () => JSON.parse(await versions('--json')) as Listing;
const pruned = async (...args: string[]) => JSON.parse(await versions('prune', '--json', ...args)) as PrunePlan;

async function deploy(assemblyDir: string): Promise<void> {
  const response = await fetch(`${runtime.awsEndpoint}/_local/deploy`, {
    method: 'POST',
    body: JSON.stringify({ assemblyDir }),
  });
  expect(response.status, await response.text()).toBe(200);
}

/** Number of the version on which an order began. */
async function versionOf(orderId: string): Promise<number> {
  const [machine] = runtime.outputs.StateMachineArn!.split(/:live$/);
  const executionArn = `${machine!.replace(':stateMachine:', ':execution:')}:${orderId}`;
  const { stateMachineVersionArn } = await states.send(new DescribeExecutionCommand({ executionArn }));
  return Number(stateMachineVersionArn!.split(':').at(-1));
}

const executionStatus = async (orderId: string) => {
  const [machine] = runtime.outputs.StateMachineArn!.split(/:live$/);
  const executionArn = `${machine!.replace(':stateMachine:', ':execution:')}:${orderId}`;
  return (await states.send(new DescribeExecutionCommand({ executionArn }))).status;
};

const four = <Made>(make: () => Promise<Made>): Promise<Made[]> => Promise.all([1, 2, 3, 4].map(make));

const pick = async (orderId: string) =>
  expect((await door.answerByLink((await door.callbackLinks(orderId, 'AwaitPicking')).at(-1)!, 'picked')).status).toBe(
    200,
  );

/** What was wrong with the shelf is repaired. */
async function waitingForOperator(): Promise<string> {
  const { sku, orderId } = await standing.forOperator();
  await standing.label(sku, 9);
  return orderId;
}

const old: Record<string, string[]> = {};
let onTwo: string[];

describe('while orders stand in every wait, a version is deployed in which all that they still need is broken', () => {
  test('it starts the orders that come, and every other stays on its own', async () => {
    old.carrierEscalated = await four(standing.forPickup);
    await runtime.advance(pastTheTimeOf('AwaitCarrierPickup'));
    old.pickingEscalated = await four(standing.forPicking);
    await runtime.advance(pastTheTimeOf('AwaitPicking'));
    for (const orderId of old.pickingEscalated) {
      await door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitPicking');
    }
    old.operator = await four(waitingForOperator);
    old.picking = await four(standing.forPicking);
    old.pickup = await four(standing.forPickup);

    await deploy(assemblies.v2);
    onTwo = await four(standing.forPicking);
    expect(await Promise.all(onTwo.map(versionOf))).toEqual([2, 2, 2, 2]);

    const { versions: listed } = await listing();
    expect(listed.map(({ number, livePercent, open }) => [number, livePercent, open.count])).toEqual([
      [2, 100, 4],
      [1, 0, 20],
    ]);
    expect(listed[0]!.changes).toMatchObject({
      since: 1,
      added: ['WeighParcel'],
      removed: [],
      changed: [{ state: 'AwaitPicking', fields: ['Next'] }],
      code: expect.arrayContaining(['SendConfirmationEmail', 'CompleteOrder', 'RefundPayment']),
    });
  });

  test('old orders end as they should, by the code that they began with', async () => {
    for (const orderId of [...old.picking!, ...old.pickingEscalated!]) await pick(orderId);
    for (const orderId of old.operator!) {
      const link = await door.callbackLink(orderId, 'AwaitOperator');
      expect((await door.answerByLink(link, 'try-again')).status).toBe(200);
    }
    for (const orderId of [...old.picking!, ...old.pickingEscalated!]) await door.orderIn(orderId, 'confirmed');
    const toBeScanned = [old.picking, old.pickingEscalated, old.pickup, old.carrierEscalated].flatMap((ids) => ids!);
    for (const orderId of toBeScanned) expect((await scanned(door, orderId)).status).toBeLessThan(300);

    for (const orderId of toBeScanned) await door.orderIn(orderId, 'completed');
    for (const orderId of old.operator!) await door.orderIn(orderId, 'cancelled');
    expect(new Set(await Promise.all(Object.values(old).flat().map(versionOf)))).toEqual(new Set([1]));
    await eventually('version 1 to have no order', async () =>
      (await listing()).versions[1]!.open.count === 0 ? true : undefined,
    );
  });

  test('an order that began on it fails', async () => {
    const [first] = onTwo;
    await pick(first!);
    await eventually('the broken step', async () => ((await executionStatus(first!)) === 'FAILED' ? true : undefined));
    expect((await listing()).versions[0]).toMatchObject({ open: { count: 3 }, failed: { count: 1 } });
  });
});

describe('the way back', () => {
  test('by route: orders that come start on the version before', async () => {
    expect(await versions('route', '1')).toMatch(/live was: 2 \(100 %\)\nlive is: {2}1 \(100 %\)/);
    const orderId = await standing.forPickup();
    expect(await versionOf(orderId)).toBe(1);
    await scanned(door, orderId);
    await door.orderIn(orderId, 'completed');
  });

  test('in part: both versions are listed with their weights', async () => {
    expect(await versions('route', '2', '--weight', '10')).toMatch(/live is: {2}2 \(10 %\), 1 \(90 %\)/);
    expect((await listing()).versions.map(({ number, livePercent }) => [number, livePercent])).toEqual([
      [2, 10],
      [1, 90],
    ]);
    await versions('route', '1');
  });
});

describe('a version', () => {
  test('is printed as it is deployed, of either machine', async () => {
    const { States } = JSON.parse(await versions('definition', '2'));
    expect(States.WeighParcel.Arguments.FunctionName).toMatch(/:function:[\w-]*WeighParcel\w*:1$/);
    expect(States).not.toHaveProperty('Resume');
    expect(JSON.parse(await versions('definition', '2', '--resume')).StartAt).toBe('Resume');
  });

  test('that is not there is refused with those that are', async () => {
    const refusal = /ended with 1:\nThere is no version 9; there are 1, 2\.\n$/;
    await expect(versions('definition', '9')).rejects.toThrow(refusal);
    await expect(versions('route', '9')).rejects.toThrow(refusal);
  });

  test('to which all orders go already cannot have a part of them', async () => {
    await expect(versions('route', '1', '--weight', '10')).rejects.toThrow('All orders start on version 1 already');
  });
});

describe('prune', () => {
  test('keeps everything as long as an alias was moved a moment ago', async () => {
    const { versions: seen } = await pruned('--yes');
    expect(seen.map(({ keptBecause }) => keptBecause.length > 0)).toEqual([true, true, true, true]);
    expect((await listing()).versions.map(({ number }) => number)).toEqual([2, 1]);
  });

  test('refuses what a running order needs, says which row of the steps still has orders, and deletes the rest', async () => {
    // Longer than a list of executions may lag behind.
    await runtime.advance('15m');
    await deploy(assemblies.v3);
    expect(await versionOf(await standing.forPicking())).toBe(3);
    await runtime.advance('15m');

    const dryRun = await pruned();
    expect(await kept(dryRun.versions)).toEqual({
      'main 2': '3 open on it',
      'main 3': expect.any(String),
      'resume 2': expect.any(String),
      'resume 3': expect.any(String),
    });
    expect(dryRun.retiredRows).toEqual([
      { subject: 'WeighParcel', keptBecause: ['named by version 2 and resume version 2'] },
    ]);
    expect(await versions('prune')).toMatch(/version 1 +can go[\s\S]*Nothing was deleted: do it with --yes/);
    expect((await listing()).versions.map(({ number }) => number)).toEqual([3, 2, 1]);
  });

  test('killed after its first deletion it does the rest when it is run again', async () => {
    const child = start('prune', '--yes');
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('deleted:')) child.kill('SIGKILL');
    });
    await once(child, 'close');
    expect(deletedSteps(await pruned('--yes'))).toContain('CompleteOrder:1');
    expect((await listing()).versions.map(({ number }) => number)).toEqual([3, 2]);
    const left = await pruned();
    expect(left.versions.every(({ keptBecause }) => keptBecause.length > 0)).toBe(true);
    expect(left.functions.every(({ keptBecause }) => keptBecause.length > 0)).toBe(true);
  });

  test('two weeks after the last order on it failed, a version goes, and then the row of its step', async () => {
    for (const orderId of onTwo.slice(1)) await pick(orderId);
    for (const orderId of onTwo) {
      await eventually('the broken step', async () =>
        (await executionStatus(orderId)) === 'FAILED' ? true : undefined,
      );
    }
    await runtime.advance('13d');
    expect(await kept((await pruned('--yes')).versions)).toHaveProperty(
      ['main 2'],
      expect.stringMatching(/^4 that failed/),
    );
    await runtime.advance('2d');
    expect(deletedSteps(await pruned('--yes'))).toContain('CompleteOrder:2');
    expect((await listing()).versions.map(({ number }) => number)).toEqual([3]);
    expect(await versions('prune')).toMatch(/WeighParcel +nothing runs it/);

    const orderId = await standing.forPickup();
    await scanned(door, orderId);
    await door.orderIn(orderId, 'completed');
  });
});

describe('a version that fails its first orders', () => {
  test('is taken back by its alarm, and leaves the others alone', async () => {
    await deploy(assemblies.v4);
    const weights = async () => (await listing()).versions.map(({ number, livePercent }) => [number, livePercent]);
    expect(await weights()).toEqual([
      [4, 50],
      [3, 50],
    ]);

    // Each goes to either, so that some soon goes to the new one.
    const orderIds: string[] = [];
    await eventually('an order on the new version', async () => {
      orderIds.push(await placed(door));
      return (await versionOf(orderIds.at(-1)!)) === 4 ? true : undefined;
    });
    await eventually('the alarm', async () => ((await weights())[0]![1] === 0 ? true : undefined));
    expect(await weights()).toEqual([
      [4, 0],
      [3, 100],
    ]);
    for (const orderId of orderIds.slice(0, -1)) await door.callbackLink(orderId, 'AwaitPicking');
    expect(await versionOf(await standing.forPicking())).toBe(3);
  });
});

const kept = async (decisions: PrunePlan['versions']) =>
  Object.fromEntries(
    decisions
      .filter(({ keptBecause }) => keptBecause.length > 0)
      .map(({ subject, keptBecause }) => [`${subject.machine} ${subject.number}`, keptBecause[0]]),
  );

/** `<step>:<version>` */
const deletedSteps = ({ functions }: PrunePlan) =>
  functions
    .filter(({ keptBecause }) => keptBecause.length === 0)
    .map(
      ({ subject }) =>
        `${/OrderFulfillment([A-Za-z]+)[0-9A-F]{8}$/.exec(subject.functionName)?.[1]}:${subject.version}`,
    );

const worksStill = "['ChargePayment', 'ReserveInventory', 'CreateShippingLabel']";
const brokenHere = `if (!${worksStill}.includes(name)) throw new Error('broken on purpose');\n`;
/** Other code than in version 1. */
const mended = "if (name === '') throw new Error('a step has a name');\n";
const handled = '.handler((checked, context) => {\n';
const row = `  WeighParcel: {
    handler: 'lambdas/steps/weigh-parcel.ts',
    timeoutSeconds: 10,
    undoneBy: { nothing: 'a parcel that was weighed is as it was' },
    grants: {},
  },
`;
const lastRow = '} as const satisfies Steps;';

const breakAndWeigh = {
  [files.step]: replacing(handled, handled + brokenHere),
  'lambdas/steps/weigh-parcel.ts': () => `
    import { orderReference } from '../middleware/order-reference.ts';
    import { step } from '../middleware/step.ts';
    export const handler = step({ name: 'WeighParcel', input: orderReference, run: async ({ orderId }) => ({ orderId }) });
  `,
  [files.steps]: replacing(lastRow, row + lastRow),
  [files.definition]: editingStates((definition) => {
    const { AwaitPicking, CompleteOrder } = definition;
    // What fails in it fails the order, as at the end of the process.
    const { Retry, Catch } = CompleteOrder!;
    definition.WeighParcel = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: '${WeighParcel}', Payload: '{% $states.input %}' },
      Output: '{% $states.input %}',
      TimeoutSeconds: 20,
      Retry,
      Catch,
      Next: AwaitPicking!.Next,
    };
    AwaitPicking!.Next = 'WeighParcel';
  }),
};

const wholeAgain = {
  [files.step]: replacing(brokenHere, mended),
  [files.steps]: replacing('    grants: {},\n  },\n} as', '    grants: {},\n    retired: true,\n  },\n} as'),
  [files.definition]: editingStates((definition) => {
    definition.AwaitPicking!.Next = definition.WeighParcel!.Next;
    delete definition.WeighParcel;
  }),
};

const failAtOnce = {
  [files.definition]: (text: string) => {
    const definition = JSON.parse(text);
    const never = { Condition: "{% $states.input.orderId = '' %}", Next: definition.StartAt };
    definition.States.Sort = { Type: 'Choice', Choices: [never], Default: 'Broken' };
    definition.States.Broken = { Type: 'Fail', Error: 'BrokenOnPurpose' };
    definition.StartAt = 'Sort';
    return JSON.stringify(definition, null, 2);
  },
};
