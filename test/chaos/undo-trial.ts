import { isDeepStrictEqual } from 'node:util';
import { heldEffects, type PlacedOrder } from '../../lambdas/domain/order.ts';
import { steps as rows } from '../../statemachines/order-fulfillment.steps.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { interceptedCalls } from '../support/intercepted-calls.ts';
import { orderDefinition } from '../support/order-definition.ts';
import {
  forwardSteps,
  lastSteps,
  operatorSteps,
  type StepName,
  type startSteps,
  undoOf,
  undoSteps,
} from '../support/steps.ts';
import { killableCalls } from './killed-calls.ts';
import { discrepancies as orderDiscrepancies } from './order-books.ts';
import { createOutside } from './outside.ts';
import { type UndoCase, undoSpace } from './undo-cases.ts';
import { type Played, playUndo } from './undo-player.ts';
import { createOperator } from './undone-by-hand.ts';

/** Plays cases of undos, any number beside each other, and checks the books of each afterwards. */
export async function createUndoTrial(steps: Awaited<ReturnType<typeof startSteps>>, aws: FakeAws) {
  const { dynamoDbClient } = await import('../../lambdas/adapters/document-client.ts');
  const { readWait } = await import('../../lambdas/adapters/wait-table.ts');
  const { carrierPickupWaitOf } = await import('../../lambdas/domain/wait.ts');
  const intercepted = interceptedCalls(dynamoDbClient);
  const { requests, held } = await watchOneOrder();
  const space = undoSpace(JSON.parse(orderDefinition), rows, (state) => requests.get(state) ?? 1);
  const makeCall = killableCalls(intercepted);
  const around = {
    steps,
    makeCall,
    space,
    outside: await createOutside(steps, aws),
    doByHand: await createOperator(steps),
  };

  /**
   * An order that goes well, and then is undone: how many requests each of its steps makes, and what the outside parties
   * then say of what it holds (`charged`, by the undo that changes that).
   */
  async function watchOneOrder() {
    const requests = new Map<string, number>();
    const held: { undo: string; keyOf: (orderId: string) => string; status: unknown }[] = [];
    const count = (step: StepName, placed: PlacedOrder) =>
      intercepted(
        () => steps.run(step, placed),
        ({ number }, send) => {
          requests.set(step, number);
          return send();
        },
      );
    await count('CompleteOrder', await steps.orderAfter(forwardSteps.slice(0, -1)));
    const placed = await steps.orderAfter([]);
    for (const step of [...forwardSteps.slice(0, -1), ...undoSteps, ...operatorSteps, ...lastSteps]) {
      await count(step, placed);
      const undo = undoOf.get(step);
      if (undo === undefined) continue;
      for (const { key, status } of await steps.world(placed)) {
        if (typeof key !== 'string' || !key.endsWith(`#${placed.orderId}#${step}`)) continue;
        held.push({ undo, status, keyOf: (orderId) => key.replace(placed.orderId, orderId) });
      }
    }
    return { requests, held };
  }

  /** The undos whose effects outside parties still have, whatever we have on record. */
  async function heldOutside(orderId: string): Promise<string[]> {
    const entries = await Promise.all(
      held.map(async ({ undo, keyOf, status }) =>
        (await steps.bookOf(keyOf(orderId)))?.status === status ? [undo] : [],
      ),
    );
    return entries.flat();
  }

  async function isOnShelf({ placed, onShelfBefore }: Played): Promise<boolean> {
    const left = await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)));
    return left.every((available) => available === onShelfBefore);
  }

  async function check(one: UndoCase, played: Played): Promise<[string, boolean][]> {
    const { entry, ways, answer, last = {} } = one;
    const { placed, onShelfBefore, execution, output, told, notes, byHand } = played;
    const { orderId } = placed;
    const outsideHolds = await heldOutside(orderId);
    const order = await steps.getOrder(orderId);
    if (!order) {
      // Neither the first step nor its undo could write it down, and nobody had that tried again.
      const isUndone = outsideHolds.length === 0 && (await isOnShelf(played));
      return [[`the order is nowhere, its process ${execution.status}`, execution.status === 'FAILED' && isUndone]];
    }
    const gaveUp = entry.undo.filter((undo) => ways[undo]!.kind.startsWith('gives up'));
    const isGone = told.scans.some((result) => result === 'accepted' || result === 'kept');

    if (gaveUp.length > 0 && answer === 'none' && execution.status === 'FAILED') {
      const innocent = (undo: string) => !gaveUp.includes(undo);
      return [
        [`the process failed with ${execution.error}: ${execution.cause}`, execution.error === 'NeedsAttention'],
        [`the operator was asked: ${notes}`, notes.length === 1],
        [`an undo that did not give up left something: ${outsideHolds}`, isGone || !outsideHolds.some(innocent)],
        [
          `an undo that did not give up is not on record: ${heldEffects(order)}`,
          isGone || !heldEffects(order).some(innocent),
        ],
        ['the order has ended', order.outcome === undefined],
      ];
    }
    // By hand is by hand only if it is on record, or else a person must look: nobody may do it once more.
    const fatal = Object.entries(last).filter(
      ([state, { kind }]) => kind.startsWith('gives up') && space.isFatal(state),
    );
    const unrecorded = byHand && last.RecordOperatorAnswer?.kind.startsWith('gives up');
    if (fatal.length > 0 || unrecorded) {
      const completed = entry.undo.length === 0;
      const wanted = completed ? new Set(held.map(({ undo }) => undo)).size : 0;
      return [
        [`the process is ${execution.status}, ${execution.error}`, execution.error === 'NeedsAttention'],
        [`outside parties have ${outsideHolds}`, outsideHolds.length === wanted],
        [`the order holds ${heldEffects(order)}`, completed || byHand || heldEffects(order).length === 0],
        ['the order is not the fold of its events', isDeepStrictEqual(await steps.rebuildOrder(orderId), order)],
      ];
    }
    if (!output) return [[`the process is ${execution.status}: ${execution.error}, ${execution.cause}`, false]];

    const pickupWait = await readWait(carrierPickupWaitOf(orderId).waitId);
    const books = await orderDiscrepancies(steps, placed, onShelfBefore, pickupWait, output, told);
    const found = books.map((sentence): [string, boolean] => [sentence, false]);
    if (isGone) {
      const all = [...new Set(held.map(({ undo }) => undo))];
      return [
        ...found,
        [`the parcel is gone, and the order is ${output.status}`, output.status === 'completed'],
        [`outside parties have ${outsideHolds}`, outsideHolds.length === all.length],
      ];
    }
    const tasks = gaveUp.length === 0 ? 0 : answer === 'try-again, in vain at first' ? 2 : 1;
    const names = (note: string) => [...note.matchAll(/(\w+) failed:/g)].map(([, undo]) => undo);
    const stuck = (order.stuckUndos ?? []).map(({ undo }) => undo);
    return [
      ...found,
      [
        `the order is ${output.status} for ${output.reason}`,
        output.status === entry.status && (output.reason ?? '') === entry.reason,
      ],
      [`outside parties have ${outsideHolds}`, output.status === 'completed' || outsideHolds.length === 0],
      [`the order holds ${heldEffects(order)}`, output.status === 'completed' || heldEffects(order).length === 0],
      [`operator tasks: ${notes.join(' | ')}`, notes.length === tasks],
      [`operator tasks: ${notes.join(' | ')}`, notes.every((note) => names(note).join() === gaveUp.join())],
      [`gave up, says the order: ${stuck}`, [...stuck].sort().join() === [...gaveUp].sort().join()],
      [
        `done by hand, says the order: ${order.outcome?.undoneByHand}`,
        (order.outcome?.undoneByHand ?? []).join() === (byHand ? gaveUp : []).join(),
      ],
    ];
  }

  async function checkStartedAgain(played: Played): Promise<[string, boolean][]> {
    const { placed, onShelfBefore, told } = played;
    const output = await played.startAgain();
    const order = await steps.loadOrder(placed.orderId);
    const ended = output ?? order.outcome;
    if (!ended) return [['it was started again, and has not ended', false]];
    const pickupWait = await readWait(carrierPickupWaitOf(placed.orderId).waitId);
    const books = await orderDiscrepancies(steps, placed, onShelfBefore, pickupWait, ended, told);
    const outsideHolds = await heldOutside(placed.orderId);
    return [
      ...books.map((sentence): [string, boolean] => [`started again: ${sentence}`, false]),
      [
        `started again: outside parties have ${outsideHolds}`,
        ended.status === 'completed' || outsideHolds.length === 0,
      ],
    ];
  }

  return {
    space,
    /** Plays a case as this order, and says what does not add up. A process that failed is started again afterwards. */
    async discrepancies(orderId: string, one: UndoCase): Promise<string[]> {
      const played = await playUndo(around, orderId, one);
      const checks = await check(one, played);
      // What was done by hand and is not on record would be done once more: whoever looks must see to that first.
      const isUnrecorded = played.byHand && one.last?.RecordOperatorAnswer?.kind.startsWith('gives up');
      if (played.execution.status === 'FAILED' && !isUnrecorded) checks.push(...(await checkStartedAgain(played)));
      return checks.filter(([, holds]) => !holds).map(([sentence]) => sentence);
    },
  };
}
