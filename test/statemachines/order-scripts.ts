import { orderDefinition } from '../support/order-definition.ts';
import type { Script } from './process-script.ts';

const states = Object.keys(JSON.parse(orderDefinition).States);

export const cancelled = { AwaitCarrierPickup: { error: 'OrderCancelled' } };
export const broken = { error: 'TypeError' };
const late = { AwaitPicking: 'silent', AwaitCarrierPickup: 'silent' } as const;
export const expired = { error: 'WaitExpired' };

/** Every way that ends an order, each with retries in it. */
export const scripts: Record<string, Script> = {
  'goes well': {},
  'meets every transient error': Object.fromEntries(
    states.map((state) => [state, [{ error: 'ServiceUnavailable' }, 'ok']]),
  ),
  'is escalated twice': late,
  'is answered at the last moment': { ...late, EscalatePicking: 'silent', EscalateCarrierPickup: 'silent' },
  'is not picked': { ...late, EscalatePicking: 'silent', ExpirePicking: expired },
  'is not picked up': { ...late, EscalateCarrierPickup: 'silent', ExpireCarrierPickup: expired },
  'is declined': { ChargePayment: { error: 'PaymentDeclined' } },
  'has no stock': { ReserveInventory: { error: 'OutOfStock' } },
  'is tried to be undone again': { ...cancelled, RefundPayment: [broken, 'ok'], ReleaseInventory: [broken, 'ok'] },
  'is undone by hand': {
    ...cancelled,
    VoidShippingLabel: broken,
    AwaitOperator: { action: 'done-by-hand', detail: { reason: 'phone' } },
  },
  'is undone in three rounds': {
    ...cancelled,
    RefundPayment: [broken, broken, 'ok'],
    VoidShippingLabel: broken,
    AwaitOperator: [{ action: 'try-again' }, { action: 'try-again' }, { action: 'done-by-hand' }],
  },
  'has an operator who does not answer': {
    ...cancelled,
    RefundPayment: broken,
    AwaitOperator: 'silent',
    ExpireOperator: expired,
  },
  'has an answer that cannot be recorded': {
    ...cancelled,
    RefundPayment: [broken, 'ok'],
    RecordStuckUndos: broken,
    RecordOperatorAnswer: broken,
  },
  'was picked up meanwhile': { ...cancelled, VoidShippingLabel: broken, ReleaseInventory: { error: 'ParcelPickedUp' } },
  'cannot be closed': { ...cancelled, CloseOrder: broken },
  'cannot be completed': { CompleteOrder: [broken] },
  'had ended before': { ChargePayment: { error: 'AlreadyEnded' } },
};
