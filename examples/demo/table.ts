/** The demo's result as a table. */
import Table from 'cli-table3';
import type { Line } from './audit.ts';

export function ledger(lines: readonly Line[]): string {
  const table = new Table({
    head: ['order', 'outcome', 'charged', 'refunded', 'stock taken', 'returned', 'mails', 'time'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const line of lines) {
    table.push([
      line.story,
      line.status,
      money(line.chargedMinor, line.currency),
      money(line.refundedMinor, line.currency),
      line.stockTaken,
      line.stockReturned,
      line.mails,
      `${line.seconds.toFixed(1)} s`,
    ]);
  }
  return table.toString();
}

/** Minor units as people write them; how many digits a currency has is the platform's knowledge. */
function money(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}
