import type { Order, OrderLine } from '../domain/order.ts';
import { shownLines } from '../domain/order-lines.ts';
import type { ApiAnswer, ApiEvent } from '../middleware/route.ts';
import { escapeHtml, page } from './page.ts';
import type { WholeLines } from './whole-lines.ts';

/** Where all lines of an order are, beside the page that it is shown on. Whoever may see that may see them: nothing more is signed. */
export const linesAddress = (pageAddress: string) => `${pageAddress}&lines=all`;
export const wantsLines = (event: ApiEvent) => event.queryStringParameters?.lines === 'all';

/**
 * All lines of an order on one page, to be picked from: read on a telephone or printed, with a box to tick for each. One
 * page, because it is searched, printed and scrolled as one; 5,000 of the longest lines are 0.6 MB of the 6 MB that a
 * Lambda may answer. Nothing on it acts, and what is ticked is recorded nowhere.
 *
 * @param back the address of the page that it belongs to
 */
export function linesPage(order: Order, found: WholeLines, back: string): ApiAnswer {
  const isWhole = typeof found !== 'string';
  const lines = isWhole ? found : shownLines(order).lines;
  const count = order.linesRef?.count ?? lines.length;
  return page(
    200,
    isWhole ? 'All lines of this order' : 'The first lines of this order',
    [
      `<p>Order ${escapeHtml(order.orderId)}</p>`,
      isWhole ? `<p>${summary(lines)}</p>` : missing(lines.length, count),
      `<p class="screen"><a href="${escapeHtml(back)}">Back</a></p>`,
      `<ol>\n${lines.map(line).join('\n')}\n</ol>`,
      ...(isWhole ? ['<p class="screen">Ticks are for you alone. They are not kept.</p>'] : []),
    ],
    { style },
  );
}

/** `5,000 lines, 12,400 pieces.` */
function summary(lines: readonly OrderLine[]): string {
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return `${counted(lines.length, 'line')}, ${counted(pieces, 'piece')}.`;
}

const counted = (count: number, what: string) => `${count.toLocaleString('en-GB')} ${what}${count === 1 ? '' : 's'}`;

/** Nobody may take a part for the whole. */
const missing = (shown: number, count: number) =>
  `<p role="alert" class="note"><b>This is not the whole order.</b> It has ${counted(count, 'line')}, of which only the first ${shown} can be read: what we keep of the others is damaged or gone. Please do not send it like this; ask whoever runs the shop.</p>`;

/** Without quotes and closing tags, which HTML does not need: a third of the page. */
const line = ({ sku, quantity }: OrderLine) =>
  `<li><label><input type=checkbox> <b>${quantity}</b> × ${escapeHtml(sku)}</label>`;

const style = `main{overflow-wrap:anywhere}
ol{padding-left:3.5rem}
ol label{display:block;margin:0;padding:.5625rem 0}
ol input{width:1.25rem;min-height:0;height:1.25rem;margin:0 .25rem;vertical-align:middle}
@media print{
main{max-width:none;padding:0}
.screen{display:none}
body{font-size:9pt}
ol{columns:2;column-gap:8mm;padding-left:12mm}
ol label{padding:.5mm 0}
ol input{width:3mm;height:3mm}
li{break-inside:avoid}
}`;
