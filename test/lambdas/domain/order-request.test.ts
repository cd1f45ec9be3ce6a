import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxInlineLines, referTo } from '../../../lambdas/domain/order-lines.ts';
import {
  maxLines,
  maxQuantity,
  maxTotalMinor,
  type OrderRequest,
  orderRequestSchema,
  placedOrderSchema,
} from '../../../lambdas/domain/order-request.ts';
import { manyLines } from '../../support/big-orders.ts';
import { placedOrder } from '../../support/orders.ts';

const { orderId: _, placedAt: __, placedBy: ___, requestDigest: ____, ...good } = placedOrder();
const line = (changes: object = {}) => ({ sku: 'cup', quantity: 1, unitPriceMinor: 100, ...changes });

/** Where the schema finds fault: `lines.0.quantity`, ... */
const faults = (request: unknown) =>
  orderRequestSchema.safeParse(request).error?.issues.map(({ path }) => path.join('.')) ?? [];

test('a good request is taken as it is', () => {
  expect(orderRequestSchema.parse(good)).toEqual(good);
});

test.each(['tok_visa', 'pm_1OyYHz2eZvKYlo2C0pmZ9q3w'])('a payment token may be %s', (paymentToken) => {
  expect(faults({ ...good, paymentToken })).toEqual([]);
});

describe('refused, with the place of the fault', () => {
  test.each<[string, object, string]>([
    ['an unknown field', { ...good, coupon: 'x' }, ''],
    ['an unknown field further in', { ...good, lines: [line({ colour: 'red' })] }, 'lines.0'],
    ['no lines', { ...good, lines: [] }, 'lines'],
    [
      'a line too many',
      { ...good, lines: Array.from({ length: maxLines + 1 }, (_, n) => line({ sku: `s${n}` })) },
      'lines',
    ],
    ['a quantity of zero', { ...good, lines: [line({ quantity: 0 })] }, 'lines.0.quantity'],
    ['a negative quantity', { ...good, lines: [line({ quantity: -1 })] }, 'lines.0.quantity'],
    ['half a piece', { ...good, lines: [line({ quantity: 0.5 })] }, 'lines.0.quantity'],
    ['too many pieces', { ...good, lines: [line({ quantity: maxQuantity + 1 })] }, 'lines.0.quantity'],
    ['a fraction of a minor unit', { ...good, lines: [line({ unitPriceMinor: 9.99 })] }, 'lines.0.unitPriceMinor'],
    ['a price as text', { ...good, lines: [line({ unitPriceMinor: '999' })] }, 'lines.0.unitPriceMinor'],
    ['a negative price', { ...good, lines: [line({ unitPriceMinor: -1 })] }, 'lines.0.unitPriceMinor'],
    ['one SKU in two lines', { ...good, lines: [line(), line({ unitPriceMinor: 5 })] }, 'lines.1.sku'],
    ['a total of nothing', { ...good, lines: [line({ unitPriceMinor: 0 })] }, 'lines'],
    [
      'a total that no gateway takes',
      { ...good, lines: [line({ quantity: 2, unitPriceMinor: maxTotalMinor })] },
      'lines',
    ],
    ['a currency that is none', { ...good, currency: 'EURO' }, 'currency'],
    ['a currency in lower case', { ...good, currency: 'eur' }, 'currency'],
    [
      'a mail address with a line break',
      { ...good, customer: { name: 'A', email: 'a@b.cd\nBcc: x@y.zz' } },
      'customer.email',
    ],
    ['a name with a line break', { ...good, customer: { name: 'A\r\nBcc: x@y.zz', email: 'a@b.cd' } }, 'customer.name'],
    ['a card number instead of a token', { ...good, paymentToken: '4242424242424242' }, 'paymentToken'],
    ['a customer instead of a card', { ...good, paymentToken: 'cus_NffrFeUfNV2Hib' }, 'paymentToken'],
    ['a country by name', { ...good, shipTo: { ...good.shipTo, country: 'Germany' } }, 'shipTo.country'],
    ['nothing', {}, 'customer'],
  ])('%s', (_, request, place) => {
    expect(faults(request)).toContain(place);
  });
});

test('whatever is sent, it is taken or refused, never a defect', () => {
  const field = fc.constantFrom(...Object.keys(good));
  const anyLines = fc.array(
    fc.record({
      sku: fc.oneof(fc.string(), fc.constant('cup')),
      quantity: fc.oneof(fc.integer(), fc.double(), fc.string()),
      unitPriceMinor: fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constant(null)),
    }),
  );
  fc.assert(
    fc.property(field, fc.oneof(fc.anything(), fc.jsonValue(), anyLines), (name, value) => {
      const parsed = orderRequestSchema.safeParse({ ...good, [name]: value });
      if (parsed.success) expect(parsed.data satisfies OrderRequest).toBeDefined();
    }),
    { numRuns: 500 },
  );
});

test('the first step takes what a newer API adds, and hands on nothing of it', () => {
  const placed = placedOrder();
  expect(placedOrderSchema.parse({ ...placed, loyaltyCard: 'x' })).toEqual(placed);
});

test('so it does further in', () => {
  const placed = placedOrder();
  const newer = {
    ...placed,
    customer: { ...placed.customer, phone: '1' },
    lines: placed.lines.map((line) => ({ ...line, giftWrap: true })),
    shipTo: { ...placed.shipTo, what3words: 'a.b.c' },
  };
  expect(placedOrderSchema.parse(newer)).toEqual(placed);
});

test('the input of the process has lines that travel, or the reference to more of them: one of the two', () => {
  const placed = placedOrder();
  const { lines, ...rest } = placed;
  const { ref: linesRef } = referTo(manyLines(maxLines));
  const taken = (input: object) => placedOrderSchema.safeParse(input).success;
  expect(placedOrderSchema.parse({ ...rest, linesRef })).toEqual({ ...rest, linesRef });
  expect([taken(placed), taken({ ...rest, linesRef }), taken(rest), taken({ ...placed, linesRef })]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(taken({ ...rest, lines: manyLines(maxInlineLines + 1) })).toBe(false);
});
