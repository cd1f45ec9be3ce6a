import type { OutstandingTask } from '../../local/asl/signal.ts';
import { InterpreterDriver } from '../support/interpreter-driver.ts';
import { orderDefinition as definition } from '../support/order-definition.ts';
import { placedOrder, type SmallOrder } from '../support/orders.ts';
import type { StepName, startSteps } from '../support/steps.ts';
import type { killableCalls } from './killed-calls.ts';
import type { Told } from './order-books.ts';
import type { Outside } from './outside.ts';
import type { Act, Entry, UndoCase, UndoSpace } from './undo-cases.ts';
import type { createOperator } from './undone-by-hand.ts';

/** How a case went, besides what is in the books. */
export interface Played {
  placed: SmallOrder;
  onShelfBefore: number | undefined;
  execution: InterpreterDriver['execution'];
  output: { status: string; reason?: string } | undefined;
  told: Told;
  /** What each operator task said. */
  notes: string[];
  /** The operator was able to do by hand what was stuck, and has said so. */
  byHand: boolean;
  /** Somebody has looked, and starts the process again; nothing fails any more. What it ends with, if it does not fail. */
  startAgain(): Promise<Played['output']>;
}

interface Around {
  steps: Awaited<ReturnType<typeof startSteps>>;
  outside: Outside;
  makeCall: ReturnType<typeof killableCalls>;
  doByHand: Awaited<ReturnType<typeof createOperator>>;
  space: UndoSpace;
}

/** A lease that is over at once: nobody waits for the end of a call that was killed. */
const noLease = -1;

/** What an order must be like for a step to end with this error by itself. */
const circumstances: Readonly<Record<string, { order?: Partial<SmallOrder>; onShelf?: number | 'unknown' }>> = {
  PaymentDeclined: { order: { paymentToken: 'tok_chargeDeclined' } },
  OutOfStock: { onShelf: 1 },
  UnknownSku: { onShelf: 'unknown' },
};

/** Plays one case against the real definition, the real handlers and a real DynamoDB. */
export async function playUndo(
  around: Around,
  orderId: string,
  { entry, ways, answer, last = {}, stopped }: UndoCase,
): Promise<Played> {
  const { steps, outside, makeCall, doByHand, space } = around;
  const { placed, onShelfBefore } = await placeGoods(steps, orderId, entry);
  let driver = new InterpreterDriver({ definition, input: placed, name: orderId });
  const told: Told = { cancellations: [], scans: [] };
  const waitIds = new Set<string>();
  const begun = new Set<string>();
  const attempts = new Map<string, number>();
  const notes: string[] = [];
  let byHand = false;

  let number = 1;

  const plans = new Map<string, readonly Act[]>();
  function planCase(): void {
    for (const [state, acts] of Object.entries(entry.acts)) plans.set(state, acts);
    for (const undo of entry.undo) {
      const { acts, kind } = ways[undo]!;
      const inVain = answer === 'try-again, in vain at first' && kind.startsWith('gives up');
      plans.set(undo, inVain ? [...acts, space.onceMore(undo)] : acts);
    }
    for (const [state, { acts }] of Object.entries(last)) plans.set(state, acts);
  }

  /** What becomes of this attempt; undefined: it goes well. */
  function nextAct(state: string): Act | undefined {
    const attempt = attempts.get(state) ?? 0;
    attempts.set(state, attempt + 1);
    return plans.get(state)?.[attempt];
  }

  async function scanIfLast(state: string): Promise<void> {
    if (!entry.scanned || state !== entry.state || attempts.get(state) !== plans.get(state)!.length) return;
    const trackingNumber = await outside.trackingNumberOf(orderId);
    if (trackingNumber) told.scans.push(await outside.scan(trackingNumber, orderId));
  }

  async function step({ taskId, stateName, parameters }: OutstandingTask): Promise<unknown> {
    const call = () => steps.call(stateName as StepName, JSON.parse(parameters).Payload, noLease);
    const fail = (error: string, message: string) =>
      driver.signal({ type: 'taskFailed', taskId, error, cause: JSON.stringify({ errorMessage: message }) });
    const act = nextAct(stateName);
    if (act && 'error' in act) {
      if ('killedAfterRequest' in act) {
        await makeCall(call, { atRequest: act.killedAfterRequest, afterEffect: true }).catch(() => {});
      } else if (act.acted) await call().catch(() => {});
      await scanIfLast(stateName);
      return fail(act.error, 'as planned');
    }
    try {
      const result = { StatusCode: 200, Payload: await call() };
      return driver.signal({ type: 'taskSucceeded', taskId, output: JSON.stringify(result) });
    } catch (error) {
      return fail((error as Error).name, (error as Error).message);
    }
  }

  async function wait(task: OutstandingTask): Promise<unknown> {
    const { taskId, stateName } = task;
    const message = outside.messageOf(task);
    const act = nextAct(stateName);
    waitIds.add(message.waitId);
    if (act && 'notSent' in act) {
      if (act.sent) await outside.open(message);
      await scanIfLast(stateName);
      return driver.signal({ type: 'taskFailed', taskId, error: act.notSent, stage: 'submit', cause: 'as planned' });
    }
    await driver.signal({ type: 'taskSubmitted', taskId, output: '{}' });
    if (act && 'answeredWith' in act) return endWith(act.answeredWith, message);
    if (act && 'lost' in act) return;
    await outside.open(message);
    if (message.kind === 'operator') return operate(message);
    if (act) return;
    if (message.actions.length > 0) await outside.press(message.waitId, message.actions[0]);
    else told.scans.push(await outside.scan((await outside.trackingNumberOf(orderId))!, orderId));
  }

  /** By whoever ends waits with this error. */
  async function endWith(error: string, message: { waitId: string; answerIfNone?: { error: string } }): Promise<void> {
    if (error === 'WaitNotOpened') {
      await outside.giveUp(message);
      return;
    }
    // Cancelled while the message is on its way: what is to be answered is there before the question.
    if (error === 'OrderCancelled') told.cancellations.push(await outside.cancel(orderId));
    await outside.open(message);
    if (error !== 'OrderCancelled' && error !== message.answerIfNone?.error) await outside.end(message.waitId, error);
  }

  async function operate(message: { waitId: string; note: string; answerIfNone?: object }): Promise<void> {
    if (message.answerIfNone) return;
    notes.push(message.note);
    if (answer === 'none') return;
    const wait = (await outside.readWait(message.waitId))!;
    byHand = answer === 'done-by-hand' && (await doByHand(wait));
    await (byHand ? outside.answerByHand(message.waitId) : outside.press(message.waitId, 'try-again'));
  }

  /** @param stopIn the state after which the execution is stopped; none: it runs to its end */
  async function run(stopIn?: string): Promise<void> {
    await driver.signal({ type: 'start' });
    while (driver.execution.status === 'RUNNING') {
      const task = driver.outstanding.tasks.find(({ taskId }) => !begun.has(taskId));
      if (task) {
        begun.add(task.taskId);
        await (task.resource.includes('sqs:') ? wait(task) : step(task));
        if (task.stateName === stopIn) return;
      } else if (driver.outstanding.tasks.length === 0 || !(await outside.deliver(driver, waitIds))) {
        await outside.letTimePass(driver);
      }
    }
  }

  function anotherExecution(): void {
    for (const known of [plans, begun, attempts]) known.clear();
    number += 1;
    driver = new InterpreterDriver({
      definition,
      input: placed,
      name: `${orderId}-${number}`,
      startedAt: driver.now + 1,
    });
  }

  async function startAgain(): Promise<Played['output']> {
    anotherExecution();
    await run();
    return driver.output as Played['output'];
  }

  if (stopped) {
    plans.set(stopped.state, stopped.acts);
    await run(stopped.state);
    anotherExecution();
  }
  planCase();
  await run();
  const output = driver.output as Played['output'];
  return { placed, onShelfBefore, execution: driver.execution, output, told, notes, byHand, startAgain };
}

async function placeGoods(steps: Around['steps'], orderId: string, { forReal, reason }: Entry) {
  const { order, onShelf = 10 } = (forReal && circumstances[reason]) || {};
  if (forReal && !circumstances[reason])
    throw new Error(`of which orders does a step say ${reason}? Tell circumstances`);
  const placed = placedOrder({ orderId, ...order });
  placed.lines = placed.lines.map((line) => ({ ...line, sku: `${line.sku}-${orderId}` }));
  const onShelfBefore = onShelf === 'unknown' ? undefined : onShelf;
  if (onShelfBefore !== undefined) for (const { sku } of placed.lines) await steps.putStock(sku, onShelfBefore);
  return { placed, onShelfBefore };
}
