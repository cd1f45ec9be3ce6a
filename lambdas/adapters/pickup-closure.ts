import { ParcelPickedUp, waitErrors } from '../domain/errors.ts';
import { carrierPickupWaitOf } from '../domain/wait.ts';
import { appendEvent } from './order-table.ts';
import { claimAnswer } from './wait-table.ts';

/**
 * The point of no return, and the first thing that every undo does: it answers the carrier's wait, open or not, with a
 * cancellation, so that a scan that comes later changes nothing. Had the carrier answered before, the parcel is under way
 * and nothing may be undone: that is recorded, and `ParcelPickedUp` thrown. Every undo and not just the one that comes
 * first, because the others run also when that one gives up.
 *
 * @param undo the state's name
 * @param at ISO 8601
 */
export async function closePickup(orderId: string, undo: string, at: string): Promise<void> {
  const cancelled = { error: waitErrors.cancelled, by: undo, at };
  const { answer } = await claimAnswer(carrierPickupWaitOf(orderId), cancelled);
  if (answer.action === undefined) return;
  await appendEvent(orderId, ({ pickedUp }) =>
    pickedUp ? undefined : { type: 'ParcelPickedUp', at: answer.at, by: answer.by },
  );
  throw new ParcelPickedUp(orderId);
}
