import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Waits as WaitTimes } from '../statemachines/wait-row.ts';
import { NodeFunction } from './node-function.ts';
import type { Permissions } from './permissions.ts';
import type { Workflow } from './workflow.ts';

export interface StuckDetectorProps {
  permissions: Permissions;
  workflow: Workflow;
  /** How long the states of the process wait: what is older than that has stopped. */
  waitTimes: WaitTimes;
  /** Where the list of what hangs can be had. */
  api: HttpApi;
}

/** Where the list can be had, by whom the API lets in. */
export const stuckRoute = { method: HttpMethod.GET, path: '/stuck' };

/** Looks for what hangs, once an hour: waits past due, answers that were not delivered, orders that stopped moving. */
export class StuckDetector extends Construct {
  readonly findStuck: NodeFunction;

  constructor(scope: Construct, id: string, { permissions, workflow, waitTimes, api }: StuckDetectorProps) {
    super(scope, id);
    this.findStuck = new NodeFunction(this, 'FindStuck', {
      handler: 'lambdas/waits/find-stuck.ts',
      // A look takes less than a second. What is found is looked at more closely, at most some thousand candidates.
      timeoutSeconds: Duration.minutes(10).toSeconds(),
      service: 'waits',
      description: 'Every hour, and GET /stuck',
    });
    permissions.apply(
      this.findStuck,
      { tables: { waits: ['Query', 'GetItem', 'UpdateItem'], orders: ['Query', 'GetItem'] } },
      'FindStuck',
    );
    workflow.grantDescribe(this.findStuck, { history: true });
    this.findStuck.setEnv('STATE_MACHINE_ARN', workflow.liveArn);
    const timeouts = Object.entries(waitTimes).map(([state, { timeoutSeconds }]) => [state, timeoutSeconds]);
    this.findStuck.setEnv('WAIT_TIMEOUTS_SECONDS', JSON.stringify(Object.fromEntries(timeouts)));

    this.everyHour();
    api.addRoutes({
      path: stuckRoute.path,
      methods: [stuckRoute.method],
      integration: new HttpLambdaIntegration('StuckIntegration', this.findStuck),
    });
  }

  private everyHour(): void {
    const stack = Stack.of(this);
    // A group of its own: who makes the reminders of waits may change any schedule of theirs, and not this one.
    const group = new ScheduleGroup(this, 'Group', {
      scheduleGroupName: `${stack.stackName}-detector`,
      // CDK would retain it, and its name would be taken when the stack is deployed again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group.scheduleGroupArn },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.findStuck.functionArn] }),
    );
    const schedule = new CfnSchedule(this, 'EveryHour', {
      groupName: group.scheduleGroupName,
      scheduleExpression: 'rate(1 hour)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.findStuck.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        // The next look is an hour away: one that cannot be begun by then is not missed.
        retryPolicy: { maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
      },
    });
    schedule.node.addDependency(group);
  }
}
