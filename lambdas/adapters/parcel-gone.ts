import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** Under the name that the webhook counts under as well, so that one alarm hears of both. */
const metrics = new Metrics({ serviceName: 'api' });
const logger = new Logger();

/** The carrier has a parcel whose order is being cancelled and refunded: goods and money are gone, and a person must know. */
export function parcelGone(orderId: string, answer: string, eventId: string): void {
  logger.warn('parcel picked up before its label was on record, and after its order was cancelled', {
    orderId,
    answer,
    eventId,
  });
  metrics.singleMetric().addMetric('ParcelGoneAfterCancellation', 'Count', 1);
}
