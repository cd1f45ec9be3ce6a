import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { NodeFunction } from './node-function.ts';

/** What functions do with the schedules of waits, by the API's names. */
export type ScheduleAction = 'CreateSchedule' | 'UpdateSchedule' | 'DeleteSchedule';

/**
 * One schedule per wait that somebody is to be reminded of, in a group of the stack's own, which goes with the stack. The
 * functions make the schedules; here is what they need for it: whom a schedule invokes, and as whom.
 */
export class Reminders extends Construct {
  /** Reminders that could not be invoked, or failed for good. Nobody is stopped by it, but an alarm says so. */
  readonly lost: Queue;
  private readonly group: ScheduleGroup;
  private readonly role: Role;

  /** @param remindWait what every schedule invokes */
  constructor(scope: Construct, id: string, remindWait: NodeFunction) {
    super(scope, id);
    const stack = Stack.of(this);
    this.group = new ScheduleGroup(this, 'Group', { scheduleGroupName: `${stack.stackName}-reminders` });
    this.lost = new Queue(this, 'Lost', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.lost).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the end of the line itself: nothing consumes it, an alarm asks a person to look.',
    });

    // Only schedules of this group may take the role: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': this.group.scheduleGroupArn },
        },
      }),
    });
    this.allow(this.role, ['lambda:InvokeFunction'], remindWait.functionArn);
    this.allow(this.role, ['sqs:SendMessage'], this.lost.queueArn);

    // A schedule's invocation is asynchronous: Lambda tries it three times, and for six hours while it is throttled.
    remindWait.configureAsyncInvoke({ onFailure: new SqsDestination(this.lost) });
  }

  /** Rights to the schedules of this group, and the variables that go with them. */
  grant(fn: NodeFunction, actions: readonly ScheduleAction[]): void {
    const group = this.group.scheduleGroupName;
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group}/*`,
    });
    this.allow(
      fn,
      actions.map((action) => `scheduler:${action}`),
      schedules,
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
    fn.setEnv('LOST_REMINDERS_ARN', this.lost.queueArn);
  }

  private allow(to: Role | NodeFunction, actions: string[], resource: string): void {
    const statement = new PolicyStatement({ actions, resources: [resource] });
    if (to instanceof Role) to.addToPolicy(statement);
    else to.addToRolePolicy(statement);
  }
}
