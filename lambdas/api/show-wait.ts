import { getOrder } from '../adapters/order-table.ts';
import { json, route } from '../middleware/route.ts';
import { openLink } from './callback-link.ts';
import { pageOrProblem, wantsPage } from './page-or-json.ts';
import { shownWait } from './shown-wait.ts';
import { answeredPage, questionPage } from './wait-page.ts';

/** `GET /waits/{waitId}`: what is asked, or how it was answered. Changes nothing, however often a mail scanner opens it. */
export const handler = route(
  'ShowWait',
  async (event) => {
    const { wait, actions } = await openLink(event);
    if (!wantsPage(event)) return json(200, { ...shownWait(wait), actions });
    if (wait.answer) return answeredPage(wait, wait.answer);
    return questionPage(wait, actions, await getOrder(wait.orderId));
  },
  pageOrProblem,
);
