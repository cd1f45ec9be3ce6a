import { AmountTooLarge } from './errors.ts';

/** An amount in the currency's smallest unit (cents, yen): always a safe integer, never a fraction. */
export interface Money {
  amountMinor: number;
  /** ISO 4217, upper case. */
  currency: string;
}

/** What can be priced: one line of an order. */
export interface PricedLine {
  quantity: number;
  unitPriceMinor: number;
}

function checked(amountMinor: number, what: string): number {
  if (!Number.isSafeInteger(amountMinor)) throw new AmountTooLarge(`${what} is not a safe integer of minor units`);
  return amountMinor;
}

export function lineTotalMinor(line: PricedLine): number {
  return checked(line.quantity * line.unitPriceMinor, `${line.quantity} x ${line.unitPriceMinor}`);
}

/** Throws `AmountTooLarge` rather than returning a sum that has lost its last digits. */
export function totalMinor(lines: readonly PricedLine[]): number {
  return lines.reduce((sum, line) => checked(sum + lineTotalMinor(line), 'the total'), 0);
}

/**
 * Active codes of ISO 4217 (SIX list one, without funds, metals and testing codes), grouped by the digits of their minor
 * unit. Not taken from Intl: CLDR's digits are those of cash in use (AFN: 0), ISO's are those of amounts (AFN: 2).
 */
const codesByDigits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP
    CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS
    KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
};

const digitsByCode = new Map(
  Object.entries(codesByDigits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(digits)] as const),
  ),
);

/** Sorted, for messages and for the OpenAPI document. */
export const currencies: readonly string[] = [...digitsByCode.keys()].sort();

export const isCurrency = (code: string) => digitsByCode.has(code);

/** `1234, EUR` is `12.34 EUR`; for people, never to be parsed again. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const digits = digitsByCode.get(currency) ?? 0;
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return `${amountMinor < 0 ? '-' : ''}${amount} ${currency}`;
}
