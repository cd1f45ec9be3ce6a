import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { receivesUntilGivenUp } from '../lambdas/domain/wait-times.ts';
import type { NodeFunction } from './node-function.ts';
import { waitConsumerTimeoutSeconds } from './waits-queue.ts';

/** What functions do with the schedules of waits, by the API's names. */
export type ScheduleAction = 'CreateSchedule' | 'UpdateSchedule' | 'DeleteSchedule';

/**
 * One schedule per wait that somebody is to be reminded of, in a group of the stack's own, which goes with the stack. The
 * functions make the schedules; here is what they need for it: where a schedule puts a reminder that is due, and as whom.
 *
 * A queue, not the function itself: what a schedule gives to a function is tried three times, and not once while its
 * concurrency is zero, and with the reminder all those after it would be lost.
 */
export class Reminders extends Construct {
  readonly due: Queue;
  /** Reminders that failed for hours. Nobody is stopped by it, but an alarm says so. */
  readonly lost: Queue;
  private readonly group: ScheduleGroup;
  private readonly role: Role;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    this.group = new ScheduleGroup(this, 'Group', {
      scheduleGroupName: `${stack.stackName}-reminders`,
      // CDK would retain it, and its name would be taken when the stack is deployed again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const options: QueueProps = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * waitConsumerTimeoutSeconds),
      retentionPeriod: Duration.days(14),
    };
    this.lost = new Queue(this, 'Lost', options);
    Validations.of(this.lost).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the end of the line itself: nothing consumes it, an alarm asks a person to look.',
    });
    this.due = new Queue(this, 'Due', {
      ...options,
      deadLetterQueue: { queue: this.lost, maxReceiveCount: receivesUntilGivenUp },
    });

    // Only schedules of this group may take the role: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': this.group.scheduleGroupArn },
        },
      }),
    });
    this.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.due.queueArn] }));
  }

  /** Rights to the schedules of this group, and the variables that go with them. */
  grant(fn: NodeFunction, actions: readonly ScheduleAction[]): void {
    const group = this.group.scheduleGroupName;
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group}/*`,
    });
    fn.addToRolePolicy(
      new PolicyStatement({ actions: actions.map((action) => `scheduler:${action}`), resources: [schedules] }),
    );
    Validations.of(fn.role!).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${group}/*]`,
      reason: 'Any schedule of this one group: their names are made of the ids of waits.',
    });
    fn.setEnv('REMINDERS_GROUP', group);
    if (!actions.includes('CreateSchedule')) return;
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    );
    fn.setEnv('REMINDERS_ROLE_ARN', this.role.roleArn);
    fn.setEnv('REMINDERS_QUEUE_ARN', this.due.queueArn);
  }
}
