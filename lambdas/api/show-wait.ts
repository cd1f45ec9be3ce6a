import { getOrder } from '../adapters/order-table.ts';
import { json, route } from '../middleware/route.ts';
import { openLink } from './callback-link.ts';
import { linesPage, wantsLines } from './lines-page.ts';
import { pageOrProblem, wantsPage } from './page-or-json.ts';
import { answerForHolder, shownWait } from './shown-wait.ts';
import { answeredPage, questionPage } from './wait-page.ts';
import { wholeLines } from './whole-lines.ts';

/**
 * `GET /waits/{waitId}`: what is asked, or how it was answered. Changes nothing, however often a mail scanner opens it. With
 * `lines=all` the page has all lines of the order, while it is asked: on the page itself a big order has its first ones.
 */
export const handler = route(
  'ShowWait',
  async (event) => {
    const { wait, link, actions, address } = await openLink(event);
    const { answer } = wait;
    if (!wantsPage(event)) {
      return json(200, { ...shownWait(wait), actions, ...(answer && { answer: answerForHolder(answer) }) });
    }
    if (answer) return answeredPage(wait, answer);
    const order = await getOrder(wait.orderId);
    if (order && wantsLines(event)) return linesPage(order, await wholeLines(order), address);
    return questionPage({ wait, actions, approver: link.approver, order, address });
  },
  pageOrProblem,
);
