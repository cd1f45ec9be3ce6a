import { describe, expect, it } from 'vitest';
import { orderStatuses, outcomeStatuses } from '../../../lambdas/domain/order.ts';
import { waitsIn, waitsOf } from '../../../lambdas/domain/order-waits.ts';
import { waits } from '../../../statemachines/order-fulfillment.steps.ts';
import { isWait, statesIn } from '../../../statemachines/rules/process.ts';
import { orderDefinition } from '../../support/order-definition.ts';

/** Waits of an undo: any number of an order, found by their index. No cancellation ends them: they are part of one. */
const ofAnUndo = ['AwaitOperator', 'ExpireOperator'];

const onTheWay = statesIn(JSON.parse(orderDefinition)).filter(
  ([name, state]) => isWait(state) && !ofAnUndo.includes(name),
);

describe('the waits of an order', () => {
  it('are those of the definition, so that a cancellation reaches each of them', () => {
    const asked = onTheWay.map(([, { Arguments }]) => {
      const { waitId, kind } = Arguments!.MessageBody as { waitId: string; kind: string };
      const [, name] = /^\{% \$states\.input\.orderId & '(#\w+)' %\}$/.exec(waitId) ?? [];
      return `${kind}: ord_1${name}`;
    });
    const known = waitsOf('ord_1').map(({ kind, waitId }) => `${kind}: ${waitId}`);
    expect([...new Set(asked)].sort()).toEqual([...known].sort());
  });

  it('end with the point of no return', () => {
    expect(waitsOf('ord_1').at(-1)?.kind).toBe('carrier-pickup');
  });

  it('are each in the time that an order may have its statuses, so that the detector knows of it', () => {
    const ended: readonly string[] = outcomeStatuses;
    const statuses = orderStatuses.filter((status) => !ended.includes(status));
    const times = Object.keys(waits).filter((state) => !ofAnUndo.includes(state));
    expect(times.sort()).toEqual(onTheWay.map(([name]) => name).sort());
    const statusesIn = times.map((state) => [state, statuses.filter((status) => waitsIn(state, status))]);
    const picking = ['labelled'];
    // Picked and not confirmed: its customer could not be told.
    const pickup = ['picked', 'confirmed'];
    expect(Object.fromEntries(statusesIn)).toEqual({
      ...{ AwaitPicking: picking, EscalatePicking: picking, ExpirePicking: picking },
      ...{ AwaitCarrierPickup: pickup, EscalateCarrierPickup: pickup, ExpireCarrierPickup: pickup },
    });
  });
});
