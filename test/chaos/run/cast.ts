/** Who orders what, and what everybody does with it: all of it from the seed, so that a run can be played again. */
import { createHash } from 'node:crypto';
import { seededRandom } from '../../support/seeded-random.ts';

export interface Part {
  number: number;
  /** Idempotency-Key of the order, and so its order id. */
  key: string;
  order: {
    customer: { name: string; email: string };
    currency: string;
    lines: { sku: string; quantity: number; unitPriceMinor: number }[];
    shipTo: Record<string, string>;
    paymentToken: string;
  };
  /** The client sends its order twice at the same time. */
  placedTwice: boolean;
  picking: 'at once' | 'twice at once' | 'when the supervisor is asked' | 'never';
  pickup: 'when told' | 'twice' | 'before it is picked' | 'never';
  cancellation: 'none' | 'at once' | 'when picking is asked' | 'with the picking' | 'with the pickup';
  /** Cancels besides, whatever goes on at that moment. */
  cancelsAfterMs: number | undefined;
  /** What else the client sends under the key of its order. */
  impatience: 'none' | 'hangs up and sends again' | 'sends another body' | 'sends again later';
  /** When that is. */
  impatientAfterMs: number;
  answersIn: 'the link' | 'the inbox';
  finds: 'everything' | 'nothing';
  /** What the carrier says besides that it has the parcel, before and after. */
  carrierSays: 'no more' | 'other things too';
  /** What the operator does about an undo that is stuck. */
  operator: 'try-again' | 'done-by-hand';
}

/** What is on the shelves: plenty of the first, too little of the last. */
export const shelves = {
  'CHAOS-TEA': 1_000_000,
  'CHAOS-CUP': 1_000_000,
  'CHAOS-KETTLE': 1_000_000,
  'CHAOS-RARE': 6,
} as const;

const soldOut = 'CHAOS-NONE';

export function castPart(seed: number, number: number): Part {
  const random = seededRandom(
    Number.parseInt(createHash('sha256').update(`${seed}/${number}`).digest('hex').slice(0, 12), 16),
  );
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)]!;
  /** The first choice most of the time. */
  const mostly = <T>(share: number, usual: T, others: readonly T[]) => (random() < share ? usual : pick(others));
  const skus = Object.keys(shelves);
  const lines = skus
    .filter((sku) => random() < (sku === 'CHAOS-RARE' ? 0.1 : 0.5))
    .map((sku) => ({
      sku,
      quantity: 1 + Math.floor(random() * 3),
      unitPriceMinor: 100 + Math.floor(random() * 5_000),
    }));
  if (lines.length === 0) lines.push({ sku: 'CHAOS-TEA', quantity: 1, unitPriceMinor: 899 });
  if (random() < 0.03) lines.push({ sku: soldOut, quantity: 1, unitPriceMinor: 100 });
  const name = `Customer ${number}`;
  return {
    number,
    key: `chaos-${seed}-${number}`,
    order: {
      customer: { name, email: `customer-${number}@example.com` },
      currency: pick(['EUR', 'USD', 'JPY']),
      lines,
      shipTo: { name, line1: '1 Langley Avenue', city: 'Hampton', postalCode: '23666', country: 'US' },
      paymentToken: mostly(0.92, 'tok_visa', ['tok_chargeDeclined', 'tok_chargeDeclinedInsufficientFunds']),
    },
    placedTwice: random() < 0.1,
    picking: mostly(0.75, 'at once', ['twice at once', 'when the supervisor is asked', 'never']),
    pickup: mostly(0.75, 'when told', ['twice', 'before it is picked', 'never']),
    cancellation: mostly(0.75, 'none', ['at once', 'when picking is asked', 'with the picking', 'with the pickup']),
    cancelsAfterMs: random() < 0.06 ? Math.floor(random() * 5_000) : undefined,
    impatience: mostly(0.8, 'none', ['hangs up and sends again', 'sends another body', 'sends again later']),
    impatientAfterMs: Math.floor(random() * 300),
    answersIn: mostly(0.8, 'the link', ['the inbox']),
    finds: mostly(0.96, 'everything', ['nothing']),
    carrierSays: mostly(0.85, 'no more', ['other things too']),
    operator: pick(['try-again', 'done-by-hand']),
  };
}

/** The same part, played by people who do at once what they are asked to do. */
export const promptly = (part: Part): Part => ({
  ...part,
  picking: part.picking === 'twice at once' ? part.picking : 'at once',
  pickup: part.pickup === 'never' ? 'when told' : part.pickup,
});

/** Whether nobody does anything until a deadline has passed; true also for some orders that are cancelled before. */
export const waitsForTime = ({ picking, pickup }: Part): boolean =>
  picking === 'never' || picking === 'when the supervisor is asked' || pickup === 'never';
