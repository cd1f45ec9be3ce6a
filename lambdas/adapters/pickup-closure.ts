import { ParcelPickedUp, waitErrors } from '../domain/errors.ts';
import { providerKeyOf } from '../domain/order.ts';
import { waitsOf } from '../domain/order-waits.ts';
import { carrier } from './carrier-from-env.ts';
import { appendEvent, getOrder } from './order-table.ts';
import { answerWithEarlyScan, trackingPointer } from './tracking-table.ts';
import { giveAnswer } from './wait-table.ts';

/**
 * The point of no return, and the first thing that every undo does: it answers the carrier's wait, open or not, with a
 * cancellation, so that a scan that comes later changes nothing. Had the carrier answered before, the parcel is under way
 * and nothing may be undone: that is recorded, and `ParcelPickedUp` thrown. Every undo and not just the one that comes
 * first, because the others run also when that one gives up.
 *
 * The carrier may have answered under a number that nobody here knows: of a label that was bought by a step that died
 * before it was on record. So the carrier is asked for it, and while it cannot be asked nothing is undone: until an operator
 * says that it was done by hand, who has asked the carrier then.
 *
 * The waits before it are closed with it: one may be open still whose state failed, or timed out into one that did, and whoever
 * has its link is not to look for goods that nobody wants any more.
 *
 * @param undo the state's name
 * @param at ISO 8601
 */
export async function closePickup(orderId: string, undo: string, at: string): Promise<void> {
  const label = await labelNotOnRecord(orderId);
  if (label) await answerWithEarlyScan(orderId, label.trackingNumber);
  const cancelled = { error: waitErrors.cancelled, by: undo, at };
  const [pointOfNoReturn, ...before] = waitsOf(orderId).reverse();
  const { answer } = await giveAnswer(pointOfNoReturn!, cancelled);
  for (const wait of before) await giveAnswer(wait, cancelled);
  if (answer.action === undefined) return;
  await appendEvent(
    orderId,
    (order) => {
      if (order.pickedUp) return undefined;
      const pickedUp = { type: 'ParcelPickedUp', at: answer.at, by: answer.by } as const;
      if (!label || order.label) return pickedUp;
      const { labelId, trackingNumber } = label;
      return [{ type: 'ShippingLabelCreated', at, labelId, trackingNumber }, pickedUp];
    },
    label && [trackingPointer(label.trackingNumber, orderId, { despiteScan: true })],
  );
  throw new ParcelPickedUp(orderId);
}

/**
 * None is bought before there is stock: of an order that had none the carrier is not asked. Nor of one with anything done by
 * hand: that is said of all undos that gave up at once, and each of the others had asked before it went well. Were it asked all
 * the same, an order whose carrier stays away, or whose key is wrong for good, would have no way out.
 */
async function labelNotOnRecord(orderId: string) {
  const order = await getOrder(orderId);
  if (!order?.stock || order.label || order.stuckUndos?.some(({ doneByHand }) => doneByHand)) return undefined;
  const label = await carrier.lookup(providerKeyOf(orderId, 'CreateShippingLabel'));
  return label?.status === 'bought' ? label : undefined;
}
