import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { failTask, TaskTokenNotSent } from '../adapters/task-token.ts';
import { giveAnswer, openWait } from '../adapters/wait-table.ts';
import { waitErrors } from '../domain/errors.ts';
import { receivesUntilGivenUp } from '../domain/wait-times.ts';
import { logger, metrics } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';
import { findTaskToken, MalformedWaitMessage, parseWaitMessage } from './wait-message.ts';

/**
 * After so many receives here the table is not asked any more; at twice as many the message is given up. A receive is
 * three minutes, also while this function is throttled: three hours of either, as the waits queue itself has.
 */
const patience = receivesUntilGivenUp;

/**
 * Dead letters of the waits queue: a wait that could not be opened fails its task, so that its order is undone instead of
 * hanging. Never loops: each message is taken, told to the process directly, or after six hours given up with an error.
 */
export const handler = consumer(
  'FailDeadWait',
  async (batch: SQSEvent): Promise<SQSBatchResponse> =>
    processPartialResponse(batch, failWait, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false }),
);

async function failWait(record: SQSRecord): Promise<void> {
  // SQS counts the receives of a message across all queues: a dead letter comes with those of the waits queue.
  const receives = Number(record.attributes.ApproximateReceiveCount) - receivesUntilGivenUp;
  try {
    if (receives <= patience && (await closeInTable(record.body))) return count('DeadWaitsFailed');
    const token = findTaskToken(record.body);
    if (token === undefined) {
      logger.error('dead letter without a task token: its wait ends at its timeout', { messageId: record.messageId });
      return count('DeadWaitsWithoutToken');
    }
    const outcome = await failTask(
      token,
      waitErrors.notOpened,
      'the wait could not be opened; its message is in no queue now',
    );
    logger.warn('dead wait failed', { messageId: record.messageId, outcome });
    count('DeadWaitsFailed');
  } catch (error) {
    // Of others the name alone: an AWS error's own words may repeat what it was sent, the token among it.
    const reason = error instanceof TaskTokenNotSent ? error.message : (error as Error).name;
    logger.warn('dead wait not failed yet', { messageId: record.messageId, reason });
    if (receives < 2 * patience) throw error;
    logger.error('dead wait given up: it ends at its timeout', { messageId: record.messageId });
    count('DeadWaitsGivenUp');
  }
}

/**
 * A message that is sound as such (its consumer failed, not itself) ends like any wait: by an answer in the table, which
 * the stream delivers, so that an answer which came before still wins. False if the message is no sound one.
 */
async function closeInTable(body: string): Promise<boolean> {
  const message = soundMessage(body);
  if (!message) return false;
  const now = new Date();
  const opening = await openWait({ ...message, answerIfNone: { error: waitErrors.notOpened } }, now);
  // Its token was stored before, and what failed came after that (the mail): then the answer is all that is missing.
  if (opening === 'repeated')
    await giveAnswer(message, { error: waitErrors.notOpened, by: 'workflow', at: now.toISOString() });
  logger.warn('dead wait closed', { waitId: message.waitId, opening });
  return true;
}

function soundMessage(body: string) {
  try {
    return parseWaitMessage(body);
  } catch (error) {
    if (error instanceof MalformedWaitMessage) return undefined;
    throw error;
  }
}

function count(metric: string): void {
  metrics.addMetric(metric, MetricUnit.Count, 1);
}
