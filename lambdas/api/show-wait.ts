import { getOrder } from '../adapters/order-table.ts';
import { json, route } from '../middleware/route.ts';
import { openLink } from './callback-link.ts';
import { pageOrProblem, wantsPage } from './page-or-json.ts';
import { answerForHolder, shownWait } from './shown-wait.ts';
import { answeredPage, questionPage } from './wait-page.ts';

/** `GET /waits/{waitId}`: what is asked, or how it was answered. Changes nothing, however often a mail scanner opens it. */
export const handler = route(
  'ShowWait',
  async (event) => {
    const { wait, link, actions } = await openLink(event);
    const { answer } = wait;
    if (!wantsPage(event)) {
      return json(200, { ...shownWait(wait), actions, ...(answer && { answer: answerForHolder(answer) }) });
    }
    if (answer) return answeredPage(wait, answer);
    return questionPage({ wait, actions, approver: link.approver, order: await getOrder(wait.orderId) });
  },
  pageOrProblem,
);
