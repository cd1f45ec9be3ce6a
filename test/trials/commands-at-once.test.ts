/**
 * Two people have the same failed order go on. The command of the one stands still before each of its requests in turn, while
 * the other's runs from its beginning to its end: whatever they are, never two executions of the order run.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../operations/migrate/migrate.ts';
import { redrive } from '../../operations/redrive/redrive.ts';
import { openStack, type StackAccess } from '../../operations/stack-access.ts';
import { type Stage, startStage } from '../operations/migrate/stage.ts';
import { seededRandom } from '../support/seeded-random.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
  await stage.deploy();
  await stage.deploy();
});
afterEach(() => stage[Symbol.asyncDispose]());

const moveTo = (to: string) => (stack: StackAccess, order: string) =>
  migrate(
    stack,
    {
      ...{ from: undefined, to, order, failed: false, aborted: false, dryRun: false, patienceSeconds: 0 },
      definitionFile: stage.definitionFile,
    },
    { print: () => {}, stopped: () => false },
  );
const redriveIt = (stack: StackAccess, order: string) => redrive(stack, { order, dryRun: false }, () => {});

/** What a person types; what it says of itself, and its exit code, are not asked about here. */
const commands: Record<string, (stack: StackAccess, order: string) => Promise<unknown>> = {
  redrive: redriveIt,
  'migrate to its own version': moveTo('1'),
  'migrate to another version': moveTo('2'),
  // The old execution is one that may be redriven again, then.
  'redrive, and migrate when it waits': async (stack, order) => {
    await redriveIt(stack, order);
    await stage.settled();
    await moveTo('2')(stack, order);
  },
};

type Passing = (operation: string, pass: () => Promise<unknown>) => Promise<unknown>;

/** Each request is handed to the gate, which lets it pass when it likes. */
async function gated(gate: Passing): Promise<StackAccess> {
  const stack = await openStack({ state: stage.stateDir });
  const { sfn, dynamodb } = stack;
  for (const client of [sfn, dynamodb] as { send(command: object): Promise<unknown> }[]) {
    const send = client.send.bind(client);
    client.send = (command) => gate(command.constructor.name, () => send(command));
  }
  return stack;
}

let orders = 0;

/** Stopped in a step, which both commands may have go on. */
async function failedOrders(count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => `ord_${++orders}x`);
  const release = stage.hold('CreateShippingLabel');
  for (const order of made) await stage.place(order, 1);
  await stage.settled();
  for (const order of made) {
    await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf(order) });
  }
  release();
  await stage.settled();
  return made;
}

const executionsOf = (order: string) =>
  stage.executions().filter(({ name }) => name === order || name.startsWith(`${order}-`));
const running = (order: string) => executionsOf(order).filter(({ status }) => status === 'RUNNING');

async function expectEachToEndOnce(made: readonly string[]): Promise<void> {
  for (const wait of ['AwaitPicking', 'AwaitCarrierPickup']) {
    for (const order of made) await stage.answer(`${order}#${wait}`, { action: 'done' });
    await stage.settled();
  }
  for (const order of made) {
    expect(
      executionsOf(order).filter(({ status }) => status === 'SUCCEEDED'),
      order,
    ).toHaveLength(1);
    expect(running(order), order).toEqual([]);
    const did = stage.effects.filter((line) => line.startsWith(`${order} `)).map((line) => line.split(/[ :]/)[1]);
    expect(did.slice(-2), order).toEqual(['SendConfirmationEmail', 'CompleteOrder']);
    expect(
      did.filter((step) => step === 'SendConfirmationEmail'),
      order,
    ).toHaveLength(1);
  }
}

/** A command's requests from the first that is about an order: those before read versions and aliases. */
const isAboutOrders = (operation: string) => !/StateMachine(Versions|Alias|Aliases)?Command$/.test(operation);

/** Resolves to the request before which the first stood still; undefined: it had fewer. */
async function play(order: string, first: string, second: string, at: number): Promise<string | undefined> {
  let asked = 0;
  let stoodBefore: string | undefined;
  const neverTwo = () =>
    expect(running(order).length, `${first}, before its request ${at}, ${stoodBefore}`).toBeLessThan(2);
  const stack = await gated(async (operation, pass) => {
    neverTwo();
    if (isAboutOrders(operation) && ++asked === at) {
      stoodBefore = operation;
      const other = await gated((_, passOther) => {
        neverTwo();
        return passOther();
      });
      await commands[second]!(other, order).catch(refused);
      neverTwo();
    }
    return pass();
  });
  await commands[first]!(stack, order).catch(refused);
  expect(running(order), `${first}, before its request ${at}, ${stoodBefore}`).toHaveLength(1);
  return stoodBefore;
}

/** One of the two may be told that the other is at it. */
const refused = (error: Error) => {
  if (error.name !== 'CannotGoOn') throw error;
};

const [redriven, restarted, restartedElsewhere, redrivenAndMoved] = Object.keys(commands) as [
  string,
  string,
  string,
  string,
];
const different = [redriven, restartedElsewhere, redrivenAndMoved];
const pairs = different
  .flatMap((first) => different.map((second) => [first, second] as const))
  // Long, and each half of it is in another pair.
  .filter((pair) => pair.some((command) => command !== redrivenAndMoved))
  .concat([
    [restarted, restartedElsewhere],
    [restartedElsewhere, restarted],
  ]);

describe('of two commands for one order', () => {
  it.each(pairs)(
    '%s, wherever it stands still while somebody else does %s, has one execution go on',
    async (...pair) => {
      const made = await failedOrders(70);
      const points = [];
      for (const [index, order] of made.entries()) {
        const stoodBefore = await play(order, ...pair, index + 1);
        if (stoodBefore === undefined) break;
        points.push(stoodBefore);
      }
      await stage.settled();
      expect(await stage.records()).toEqual([]);
      expect(points).toEqual(expect.arrayContaining(['PutCommand', 'DeleteCommand']));
      await expectEachToEndOnce(made.slice(0, points.length + 1));
    },
  );
});

/** Has commands pass one request at a time, of whichever of them the dice say. */
async function interleave(order: string, names: readonly string[], random: () => number): Promise<string[]> {
  const waiting: { line: string; go(): Promise<unknown> }[] = [];
  const log: string[] = [];
  let under = names.length;
  for (const [index, name] of names.entries()) {
    const stack = await gated((operation, pass) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.push({ line: `${index} ${operation}`, go: () => pass().then(resolve, reject) });
      return promise;
    });
    commands[name]!(stack, order)
      .catch(refused)
      .finally(() => under--);
  }
  while (under > 0) {
    // Whoever was answered comes to its next request, or sleeps for a moment.
    await new Promise((resolve) => setTimeout(resolve, waiting.length > 0 ? 0 : 5));
    const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
    if (!next) continue;
    log.push(next.line);
    await next.go();
    if (random() < 0.05) await stage.settled();
    expect(running(order).length, log.join('\n')).toBeLessThan(2);
  }
  return log;
}

describe('of three commands for one order', () => {
  const first = Number(process.env.COMMANDS_SEED ?? 1);
  it(`whose requests come in any order (COMMANDS_SEED=${first}, and 9 more) one execution goes on`, async () => {
    const made = await failedOrders(10);
    for (const [index, order] of made.entries()) {
      const random = seededRandom(first + index);
      const names = Array.from({ length: 3 }, () => Object.keys(commands)[Math.floor(random() * 4)]!);
      const log = await interleave(order, names, random);
      expect(running(order), `${names.join(', ')}, seed ${first + index}:\n${log.join('\n')}`).toHaveLength(1);
    }
    await stage.settled();
    expect(await stage.records()).toEqual([]);
    await expectEachToEndOnce(made);
  });
});
