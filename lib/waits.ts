import { Duration, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Grants } from '../statemachines/step-row.ts';
import { mailsContacts } from './contact-mails.ts';
import { NodeFunction } from './node-function.ts';
import type { GrantedTable, Permissions } from './permissions.ts';
import { Reminders } from './reminders.ts';
import type { Settings } from './settings.ts';
import { type WaitsQueue, waitConsumerTimeoutSeconds } from './waits-queue.ts';

export interface WaitsProps {
  waitsQueue: WaitsQueue;
  /** Its stream says when a wait has both its token and its answer. */
  waits: GrantedTable;
  permissions: Permissions;
  contacts: Settings['contacts'];
  /** Where callback links point. */
  callbackBaseUrl: string;
  /** The processes whose tasks are answered. */
  stateMachines: readonly StateMachine[];
}

/** Opens waits, reminds of them, delivers their answers, and fails the waits that could not be opened. */
export class Waits extends Construct {
  readonly openWait: NodeFunction;
  readonly deliverAnswer: NodeFunction;
  readonly failDeadWait: NodeFunction;
  readonly remindWait: NodeFunction;
  readonly reminders: Reminders;
  /** Records of the stream that were never delivered. Someone must look: an alarm says so. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: WaitsProps) {
    super(scope, id);
    const { waitsQueue, waits } = props;

    this.remindWait = this.consumer('RemindWait', 'lambdas/waits/remind-wait.ts', props, {
      tables: { waits: ['GetItem'], orders: ['GetItem'] },
      secrets: ['callbackKeys'],
      sendMail: true,
    });
    mailsContacts(this.remindWait, props.contacts, props.callbackBaseUrl);
    this.reminders = new Reminders(this, 'Reminders');
    this.reminders.grant(this.remindWait, ['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule']);
    this.remindWait.addEventSource(
      new SqsEventSource(this.reminders.due, { batchSize: 10, reportBatchItemFailures: true }),
    );

    this.openWait = this.consumer('OpenWait', 'lambdas/waits/open-wait.ts', props, {
      tables: { waits: ['GetItem', 'UpdateItem'], orders: ['GetItem'] },
      secrets: ['callbackKeys'],
      sendMail: true,
    });
    mailsContacts(this.openWait, props.contacts, props.callbackBaseUrl);
    this.reminders.grant(this.openWait, ['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule']);
    this.openWait.addEventSource(
      new SqsEventSource(waitsQueue.queue, { batchSize: 10, reportBatchItemFailures: true }),
    );

    this.deliverAnswer = this.consumer('DeliverAnswer', 'lambdas/waits/deliver-answer.ts', props, {
      tables: { waits: ['GetItem', 'UpdateItem'] },
    });
    this.reminders.grant(this.deliverAnswer, ['DeleteSchedule']);
    this.undelivered = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the end of the line itself: nothing consumes it, an alarm asks a person to look.',
    });
    this.deliverAnswer.addEventSource(
      new DynamoEventSource(waits.table as ITable, {
        // From the oldest record there is: what was answered while this was not deployed is delivered too.
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 10,
        reportBatchItemFailures: true,
        // One answer that cannot be delivered must not hold up the others in its batch.
        bisectBatchOnError: true,
        // As often as it takes: an outage fails every record of a shard alike. A record that kills the function holds up
        // its shard for six hours, not for the 24 that the stream keeps it: then the detector has it told of again.
        retryAttempts: -1,
        maxRecordAge: Duration.hours(6),
        onFailure: new SqsDlq(this.undelivered),
        filters: [undeliveredAnswer],
      }),
    );

    this.failDeadWait = this.consumer('FailDeadWait', 'lambdas/waits/fail-dead-wait.ts', props, {
      tables: { waits: ['GetItem', 'UpdateItem'] },
    });
    this.failDeadWait.addEventSource(
      new SqsEventSource(waitsQueue.deadLetters, { batchSize: 10, reportBatchItemFailures: true }),
    );

    for (const stateMachine of props.stateMachines) {
      stateMachine.grantTaskResponse(this.deliverAnswer);
      stateMachine.grantTaskResponse(this.failDeadWait);
    }
  }

  private consumer(id: string, handler: string, { permissions }: WaitsProps, grants: Grants): NodeFunction {
    const fn = new NodeFunction(this, id, { handler, timeoutSeconds: waitConsumerTimeoutSeconds, service: 'waits' });
    permissions.apply(fn, grants, `consumer ${id}`);
    return fn;
  }
}

/** Only what there is to deliver: a token, an answer (a map; a filter sees leaves only), and no record of delivery. */
export const undeliveredAnswer = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: {
    NewImage: {
      token: { S: FilterRule.exists() },
      answer: { M: { at: { S: FilterRule.exists() } } },
      deliveredAt: { S: FilterRule.notExists() },
      tooLateAt: { S: FilterRule.notExists() },
    },
  },
});
