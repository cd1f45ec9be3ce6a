import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencies, formatMoney, isCurrency, lineTotalMinor, totalMinor } from '../../../lambdas/domain/money.ts';

const line = fc.record({
  quantity: fc.integer({ min: 1, max: 10_000 }),
  unitPriceMinor: fc.integer({ min: 0, max: 99_999_999 }),
});

describe('a total', () => {
  test('is the exact sum, whatever the order of the lines', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 90 }), (lines) => {
        const exact = lines.reduce((sum, { quantity, unitPriceMinor }) => sum + BigInt(quantity * unitPriceMinor), 0n);
        expect(BigInt(totalMinor(lines))).toBe(exact);
        expect(totalMinor([...lines].reverse())).toBe(totalMinor(lines));
      }),
    );
  });

  test('that a number cannot hold exactly is refused, never rounded', () => {
    const huge = { quantity: 2, unitPriceMinor: Number.MAX_SAFE_INTEGER };
    expect(() => lineTotalMinor(huge)).toThrow(expect.objectContaining({ name: 'AmountTooLarge' }));
    const half = { quantity: 1, unitPriceMinor: Number.MAX_SAFE_INTEGER - 1 };
    expect(() => totalMinor([half, half])).toThrow(expect.objectContaining({ name: 'AmountTooLarge' }));
  });

  test('of a fraction of a minor unit is refused', () => {
    expect(() => totalMinor([{ quantity: 1, unitPriceMinor: 0.5 }])).toThrow('safe integer');
  });
});

describe('an amount as text', () => {
  test.each([
    [{ amountMinor: 1234, currency: 'EUR' }, '12.34 EUR'],
    [{ amountMinor: 5, currency: 'EUR' }, '0.05 EUR'],
    [{ amountMinor: -150, currency: 'USD' }, '-1.50 USD'],
    [{ amountMinor: 500, currency: 'JPY' }, '500 JPY'],
    [{ amountMinor: 1, currency: 'KWD' }, '0.001 KWD'],
  ])('%o is %s', (money, text) => {
    expect(formatMoney(money)).toBe(text);
  });

  test('has every digit of the amount, in every currency', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(...currencies), (amountMinor, currency) => {
        const [amount] = formatMoney({ amountMinor, currency }).split(' ');
        expect(BigInt(amount!.replace('.', ''))).toBe(BigInt(amountMinor));
      }),
    );
  });
});

test('a currency is an active code in upper case', () => {
  expect(['EUR', 'JPY', 'KWD'].every(isCurrency)).toBe(true);
  expect(['eur', 'EURO', 'DEM', 'XXX', '', 'constructor'].some(isCurrency)).toBe(false);
});
