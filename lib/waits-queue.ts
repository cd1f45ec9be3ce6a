import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { receivesUntilGivenUp } from '../lambdas/domain/wait-times.ts';

/** Timeout of the Lambdas that consume the queue and its dead letters. */
export const waitConsumerTimeoutSeconds = 30;

/** Where processes say that they wait: each message has a task token. What cannot be taken in goes to the dead letters. */
export class WaitsQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const options: QueueProps = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times the consumer's timeout, as AWS asks for: a throttled batch is retried by Lambda before SQS gives it out again.
      visibilityTimeout: Duration.seconds(6 * waitConsumerTimeoutSeconds),
      // The most there is. A message that is lost leaves its order hanging until the wait times out.
      retentionPeriod: Duration.days(14),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', options);
    this.queue = new Queue(this, 'Queue', {
      ...options,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receivesUntilGivenUp },
    });
  }
}
