import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { CallbackKeys } from './callback-keys.ts';
import { metricsNamespace } from './node-function.ts';
import type { StuckDetector } from './stuck-detector.ts';
import type { Waits } from './waits.ts';
import type { WaitsQueue } from './waits-queue.ts';
import type { Workflow } from './workflow.ts';

export interface AlarmsProps {
  workflow: Workflow;
  waitsQueue: WaitsQueue;
  waits: Waits;
  detector: StuckDetector;
  callbackKeys: CallbackKeys;
  api: HttpApi;
  /** Who is mailed. Without it the alarms are seen in CloudWatch only. */
  email?: string;
}

const minutes = Duration.minutes;

/** The alarms that matter: each one means that someone must look, and says at what. */
export class Alarms extends Construct {
  private readonly topic: Topic | undefined;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    if (props.email) {
      this.topic = new Topic(this, 'Topic', { enforceSSL: true });
      this.topic.addSubscription(new EmailSubscription(props.email));
      // enforceSSL gives the topic a policy, which takes the place of the default one that would have let CloudWatch in.
      const account = { 'aws:SourceAccount': Stack.of(this).account };
      const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: account } });
      this.topic.grantPublish(cloudWatch);
    }
    const { waitsQueue, waits } = props;
    this.executionAlarms(props.workflow);

    this.alarm('WaitsNotOpened', 'Waits pile up in the queue: nobody is asked to answer them.', {
      metric: waitsQueue.queue.metricApproximateAgeOfOldestMessage({ period: minutes(5) }),
      moreThan: minutes(15).toSeconds(),
    });
    this.alarm('DeadWaits', 'A wait could not be opened; its order is being cancelled. Read the log of FailDeadWait.', {
      metric: waitsQueue.deadLetters.metricNumberOfMessagesReceived({ period: minutes(5) }),
    });
    this.alarm(
      'AnswersLate',
      'Answers wait to be delivered. DeliverAnswer tries each for six hours; after that FindStuck has it delivered.',
      {
        metric: waits.deliverAnswer.metric('IteratorAge', { statistic: 'Maximum', period: minutes(5) }),
        moreThan: minutes(5).toMilliseconds(),
      },
    );
    this.alarm(
      'AnswersUndelivered',
      'An answer was not delivered for six hours. Fix the cause: FindStuck has it delivered within the hour.',
      {
        metric: waits.undelivered.metricApproximateNumberOfMessagesVisible({ period: minutes(5) }),
      },
    );
    this.alarm('RemindersLost', 'A reminder of a wait was not sent. Nothing stops: read the log of RemindWait.', {
      metric: waits.reminders.lost.metricApproximateNumberOfMessagesVisible({ period: minutes(5) }),
    });
    this.alarm('KeysNotRotated', 'A rotation of the keys of links fails; links work on. Read the log of Rotate.', {
      metric: props.callbackKeys.rotate.metricErrors({ period: Duration.hours(1) }),
    });
    this.alarm('ApiErrors', 'The API answers with 5xx.', {
      metric: props.api.metricServerError({ period: minutes(5) }),
    });
    // One alarm for the account and region: a function of ours is throttled when the account's concurrency is used up,
    // whoever uses it. One per function would be dozens of alarms at $0.10 a month that say the same.
    this.alarm(
      'LambdasThrottled',
      'Lambda refuses invocations: the concurrency of this account and region is used up.',
      {
        metric: new Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', statistic: 'Sum', period: minutes(5) }),
      },
    );
    this.alarm(
      'ParcelGoneAfterCancellation',
      'The carrier took a parcel whose order was cancelled and refunded: get it back, or the money. See the log of CarrierEvent.',
      { metric: this.ownMetric('ParcelGoneAfterCancellation', 'api') },
    );
    this.alarm(
      'UnknownTrackingNumber',
      'The carrier has a parcel that no label is known of. Its number is in the log of CarrierEvent; it is kept in case the label turns up.',
      { metric: this.ownMetric('UnknownTrackingNumber', 'api') },
    );
    this.alarm(
      'OrderLinesLost',
      'The lines of a charged order are damaged or gone: nobody can pick from them. The log of who showed it names the order.',
      { metric: this.ownMetric('OrderLinesLost', 'api') },
    );
    this.alarm(
      'OrdersCancelledByFault',
      'An order was undone because something is broken, and not because anybody wanted it. `outcome.reason` of GET /orders/{id} names the error.',
      { metric: this.ownMetric('OrdersCancelledByFault', props.workflow.process) },
    );
    this.stuckAlarms(props.detector);
  }

  /** Of each machine its own, which says where to look; their metrics have no more in common than the namespace. */
  private executionAlarms({ stateMachine, resumeMachine }: Workflow): void {
    const period = minutes(5);
    for (const [prefix, machine] of [
      ['', stateMachine],
      ['Resumed', resumeMachine],
    ] as const) {
      const execution = prefix ? 'A resumed execution' : 'An execution';
      this.alarm(`${prefix}ExecutionsFailed`, `${execution} failed: it needs a person. Business ends never fail.`, {
        metric: machine.metricFailed({ period }),
      });
      this.alarm(
        `${prefix}ExecutionsTimedOut`,
        `${execution} ran into its time limit, although every wait has an end.`,
        { metric: machine.metricTimedOut({ period }) },
      );
      this.alarm(
        `${prefix}ExecutionsAborted`,
        `${execution} was stopped. A migration stops those that it moves; what anybody else stopped is not undone.`,
        { metric: machine.metricAborted({ period }) },
      );
    }
  }

  /** What the detector finds once an hour: an alarm that stays until it finds nothing any more. */
  private stuckAlarms(detector: StuckDetector): void {
    const period = Duration.hours(1);
    const found = {
      WaitsPastDue: 'Waits are past their deadline and nothing has come of it.',
      AnswersStuck: 'Answers have not reached their orders for a quarter of an hour.',
      OrdersStuck: 'Orders have stopped moving before their end.',
    };
    for (const [name, sentence] of Object.entries(found)) {
      this.alarm(name, `${sentence} GET /stuck lists them.`, { metric: this.ownMetric(name, 'waits', period) });
    }
    this.alarm('DetectorFailing', 'FindStuck fails: nobody would hear of waits and orders that hang.', {
      metric: detector.findStuck.metricErrors({ period }),
    });
    // It counts zeros too. A schedule that is gone or switched off, or a function that is never begun, makes no error.
    const looks = this.ownMetric('OrdersStuck', 'waits', period).with({ statistic: 'SampleCount' });
    this.alarm('DetectorSilent', 'FindStuck has not looked for three hours: nobody would hear of what hangs.', {
      metric: looks,
      silentFor: 3,
    });
  }

  /** @param service POWERTOOLS_SERVICE_NAME of the functions that write it */
  private ownMetric(metricName: string, service: string, period = minutes(5)): Metric {
    const namespace = metricsNamespace(this);
    return new Metric({ namespace, metricName, dimensionsMap: { service }, statistic: 'Sum', period });
  }

  /** @param silentFor of a metric that is always written: so many periods without a value ring */
  private alarm(
    id: string,
    alarmDescription: string,
    { metric, moreThan = 0, silentFor }: { metric: IMetric; moreThan?: number; silentFor?: number },
  ) {
    const alarm = new Alarm(this, id, {
      alarmDescription,
      metric,
      ...(silentFor
        ? {
            threshold: 1,
            comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluationPeriods: silentFor,
            treatMissingData: TreatMissingData.BREACHING,
          }
        : {
            threshold: moreThan,
            comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluationPeriods: 1,
            // No data is no event: nothing failed, nothing is in the queue.
            treatMissingData: TreatMissingData.NOT_BREACHING,
          }),
    });
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic));
  }
}
