// The whole namespace, so that a bundle keeps what is used: `{ z }` drags in 370 KB of it, and 20 ms of cold start.
import * as z from 'zod';
import { isCurrency } from './money.ts';
import { maxInlineLines } from './order-lines.ts';

/** At the longest SKUs, quantities and prices 600 KB of JSON, and 1.2 MB with one member to a line. */
export const maxLines = 5_000;
/** Per line. */
export const maxQuantity = 10_000;
/** The largest amount that a card payment can have at most gateways: eight digits of minor units. */
export const maxTotalMinor = 99_999_999;

/** One line of text: no control characters, which in a mail header or a log line would begin another. */
const text = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');

const lineSchema = z.strictObject({
  sku: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a SKU: 1 to 64 letters, digits, ".", "_" or "-"'),
  quantity: z.int().min(1).max(maxQuantity),
  unitPriceMinor: z.int().min(0).max(maxTotalMinor),
});

const linesOf = <Line extends typeof lineSchema>(line: Line, max: number) =>
  z
    .array(line)
    .min(1)
    .max(max)
    .superRefine((lines, ctx) => {
      const first = new Map<string, number>();
      for (const [index, { sku }] of lines.entries()) {
        // Two lines of one SKU could have two prices, and a transaction cannot touch one stock item twice.
        if (first.has(sku)) {
          ctx.addIssue({ code: 'custom', path: [index, 'sku'], message: `is already in line ${first.get(sku)}` });
        } else first.set(sku, index);
      }
      // Not totalMinor: a line that broke its own limits is here too, and a sum only to be compared may lose digits.
      const total = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0);
      if (total < 1) ctx.addIssue({ code: 'custom', message: 'must cost at least 1 minor unit in total' });
      if (total > maxTotalMinor) {
        ctx.addIssue({ code: 'custom', message: `must cost at most ${maxTotalMinor} minor units in total` });
      }
    });

const customerSchema = z.strictObject({ name: text(200), email: z.email().max(254) });

const shipToSchema = z.strictObject({
  name: text(200),
  line1: text(200),
  line2: text(200).optional(),
  city: text(100),
  region: text(100).optional(),
  postalCode: text(20),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 country code'),
});

/** The body of `POST /orders`. Strict at every level: a misspelt field is an answer, not a surprise. */
export const orderRequestSchema = z.strictObject({
  customer: customerSchema,
  currency: z.string().refine(isCurrency, 'must be an ISO 4217 currency code'),
  lines: linesOf(lineSchema, maxLines),
  shipTo: shipToSchema,
  /** A card's token, or a payment method of the gateway (Stripe's Payment Element makes those). */
  paymentToken: z
    .string()
    .regex(/^(tok|pm)_[A-Za-z0-9_]{1,100}$/, 'must be a payment token: "tok_" or "pm_" and letters or digits'),
});
export type OrderRequest = z.infer<typeof orderRequestSchema>;

/**
 * The input of the process. Not strict at any level: an older version of the first step, or of its undo, must take what a
 * newer API adds.
 */
export const placedOrderSchema = orderRequestSchema
  .strip()
  .extend({
    orderId: z.string().min(1).max(80),
    placedAt: z.iso.datetime(),
    placedBy: z.string().min(1).max(2048),
    requestDigest: z.string().min(1).max(128),
    customer: customerSchema.strip(),
    shipTo: shipToSchema.strip(),
    lines: linesOf(lineSchema.strip(), maxInlineLines).optional(),
    linesRef: z
      .object({
        count: z.int().min(1).max(maxLines),
        totalMinor: z.int().min(1).max(maxTotalMinor),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
        first: z.array(lineSchema.strip()).max(100),
      })
      .optional(),
  })
  .refine(({ lines, linesRef }) => (lines === undefined) !== (linesRef === undefined), {
    message: 'either the lines or the reference to them',
    path: ['lines'],
  });
