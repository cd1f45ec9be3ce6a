import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { deleteReminder } from '../adapters/reminders.ts';
import { AnswerRefused, sendAnswer } from '../adapters/task-token.ts';
import { readWaitWithToken, recordDelivery } from '../adapters/wait-table.ts';
import { mustDeliver } from '../domain/wait.ts';
import { logger, metrics } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';

/**
 * Stream of the waits table: when a wait has both its token and its answer, the answer goes to the workflow. A record only
 * says which wait to look at; what is delivered is what the table says now, so a stale or repeated record does no harm.
 * What Step Functions does not take for a passing reason fails its record, and the stream gives it again: whatever is
 * behind it in the shard would meet the same outage. What it will never take must not hold those up, and is left.
 */
export const handler = consumer('DeliverAnswer', async (batch: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  // Several records of one wait in a batch are one look: all of them were written before any of them came here.
  const looks = new Map<string, Promise<void>>();
  const look = (record: DynamoDBRecord) => {
    const waitId = record.dynamodb!.Keys!.waitId!.S!;
    if (!looks.has(waitId)) looks.set(waitId, deliver(waitId));
    return looks.get(waitId);
  };
  return processPartialResponse(batch, look, new BatchProcessor(EventType.DynamoDBStreams), {
    throwOnFullBatchFailure: false,
  });
});

async function deliver(waitId: string): Promise<void> {
  try {
    const wait = await readWaitWithToken(waitId);
    if (!wait || !mustDeliver(wait)) return;
    const outcome = await sendAnswer(wait.token!, wait.answer!);
    // A crash before this write delivers once more: the token is used up then, and that is recorded as too late although
    // the workflow has the answer. Step Functions gives the two cases one name, so we cannot tell them apart either.
    await recordDelivery(waitId, wait.tokenSequence!, outcome === 'taken' ? 'deliveredAt' : 'tooLateAt', new Date());
    logger.info(outcome === 'taken' ? 'answer delivered' : 'answer too late', { waitId, kind: wait.kind });
    metrics.addMetric(outcome === 'taken' ? 'AnswersDelivered' : 'AnswersTooLate', MetricUnit.Count, 1);
    if (wait.remindAt) await stopReminding(waitId);
  } catch (error) {
    if (error instanceof AnswerRefused) {
      // Its item still says that it is to be delivered: the detector counts it, and has it tried again every hour.
      logger.error('answer refused', { waitId, reason: error.message });
      return;
    }
    logger.warn('answer not delivered yet', { waitId, reason: (error as Error).message });
    throw error;
  }
}

/** An answer that was delivered is not tried again for this: a schedule that stays finds the wait answered, and goes then. */
async function stopReminding(waitId: string): Promise<void> {
  try {
    await deleteReminder(waitId);
  } catch (error) {
    logger.warn('reminder not deleted', { waitId, reason: (error as Error).name });
  }
}
