import type { Charge, ChargeRequest, PaymentGateway } from './payment-gateway.ts';
import { type Entry, putOnce, readEntry, replaceFrom, sandboxId } from './sandbox-book.ts';

/** Tokens that decline, as at a real gateway in its test mode, and `pm_card_...` like them. Everything else is a good card. */
export const declineCodes: Readonly<Record<string, string>> = {
  tok_chargeDeclined: 'card_declined',
  tok_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  tok_chargeDeclinedExpiredCard: 'expired_card',
  tok_chargeDeclinedIncorrectCvc: 'incorrect_cvc',
  tok_chargeDeclinedFraudulent: 'fraudulent',
  tok_chargeDeclinedProcessingError: 'processing_error',
};

/** An entry of the gateway's books. The amounts stay when the status changes, so that the books can be added up. */
type ChargeEntry = Charge & { orderId?: string; at: string };

const entryKey = (key: string) => `charge#${key}`;

/** A payment gateway that keeps its books in our `sandbox` table and otherwise behaves as a real one does. */
export const sandboxPaymentGateway: PaymentGateway = {
  async charge({ key, amountMinor, currency, paymentToken, orderId }: ChargeRequest): Promise<Charge> {
    const declineCode = declineCodes[paymentToken.replace(/^pm_card_/, 'tok_')];
    const result: Charge = declineCode
      ? { status: 'declined', declineCode }
      : { status: 'charged', chargeId: sandboxId('ch_', key), amountMinor, currency };
    const entry = await putOnce<ChargeEntry>({ key: entryKey(key), ...result, orderId, at: new Date().toISOString() });
    if (entry.status === 'charged' && (entry.amountMinor !== amountMinor || entry.currency !== currency)) {
      throw new Error(`the key ${key} was used for a charge of ${entry.amountMinor} ${entry.currency} before`);
    }
    return toCharge(entry);
  },

  async lookup(key: string): Promise<Charge | undefined> {
    const entry = await readEntry<ChargeEntry>(entryKey(key));
    return entry && toCharge(entry);
  },

  async reverse(key: string): Promise<Charge> {
    const at = new Date().toISOString();
    const entry = await putOnce<ChargeEntry>({ key: entryKey(key), status: 'withdrawn', at });
    if (entry.status !== 'charged') return toCharge(entry);
    const refunded: Entry<ChargeEntry> = { ...entry, status: 'refunded', refundId: sandboxId('re_', key), at };
    return toCharge(await replaceFrom('charged', refunded));
  },
};

function toCharge({ key: _, orderId: __, at: ___, ...charge }: Entry<ChargeEntry>): Charge {
  return charge as Charge;
}
