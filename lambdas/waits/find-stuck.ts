import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { tellAgain } from '../adapters/stuck-candidates.ts';
import { findStuck } from '../adapters/stuck-finder.ts';
import { giveAnswer, readWait } from '../adapters/wait-table.ts';
import { waitErrors } from '../domain/errors.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { logger, metrics } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';

/** Of each list: in the log, and in the answer. */
const shownAtMost = 100;
/** Of each query: some minutes of DescribeExecution, of which an account has 15 a second. */
const countedAtMost = 1000;

/**
 * Once an hour: finds what hangs, counts it for the alarms, names it in the log. What can be mended without a person is:
 * an answer that did not arrive is told of again, and a wait that is left of an ended order is closed.
 */
const look = consumer('FindStuck', async (): Promise<void> => {
  const now = new Date();
  const { waits, orders, leftOver } = await findStuck(now, countedAtMost);
  const undelivered = waits.filter(({ why }) => why === 'answer not delivered');
  // Zeros too: an alarm then knows that somebody has looked.
  metrics.addMetric('WaitsPastDue', MetricUnit.Count, waits.length - undelivered.length);
  metrics.addMetric('AnswersStuck', MetricUnit.Count, undelivered.length);
  metrics.addMetric('OrdersStuck', MetricUnit.Count, orders.length);
  for (const wait of waits.slice(0, shownAtMost)) logger.warn('stuck wait', { ...wait });
  for (const order of orders.slice(0, shownAtMost)) logger.warn('stuck order', { ...order });
  for (const { waitId } of undelivered) await tellAgain(waitId, now);
  for (const waitId of leftOver) await close(waitId, now);
});

async function close(waitId: string, now: Date): Promise<void> {
  const wait = await readWait(waitId);
  if (!wait) return;
  await giveAnswer(wait, { error: waitErrors.expired, by: 'detector', at: now.toISOString() });
  logger.info('wait of an ended order closed', { waitId });
}

/**
 * `GET /stuck`: the same list, now. Changes nothing. It looks at no more than it can show: with thousands that hang API
 * Gateway would not wait for the whole look, and the one who asks is the one who is repairing it.
 */
const list = route('ListStuck', async () => {
  const { waits, orders } = await findStuck(new Date(), shownAtMost);
  return json(200, { waits: waits.slice(0, shownAtMost), orders: orders.slice(0, shownAtMost) });
});

/** What a schedule gives is an object of no interest. */
type ScheduleEvent = { requestContext?: undefined };

/** One function for both, so that what is listed is what the alarms count. */
export const handler = (event: ApiEvent | ScheduleEvent, context: Context) =>
  event.requestContext ? list(event, context) : look(event, context);
