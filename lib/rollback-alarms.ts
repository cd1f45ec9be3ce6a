import { createHash } from 'node:crypto';
import { Duration, Fn, Lazy, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnVersion, Version } from 'aws-cdk-lib/aws-lambda';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { GradualDeployment } from './deployment.ts';
import type { ProcessMachine } from './process-machine.ts';

export interface RollbackAlarmsProps {
  machine: ProcessMachine;
  /** Of the states that run a Lambda, by their names. */
  versions: Readonly<Record<string, Version>>;
  deployment: GradualDeployment;
}

/** A declined card fails its step too: fewer than this, or not more than half of the calls, is business. */
const mostErrorsOfBusiness = 2;

/**
 * What takes a gradual deployment back: an execution of the new version that failed, and steps whose version fails most of
 * its calls. The second is needed because the process undoes an order whose step is broken, and an undone order has SUCCEEDED.
 *
 * Each alarm is of one version and is replaced with it: an alarm that is updated keeps its state until it is evaluated again,
 * and would abort the deployment of the version that mends what it rang for.
 */
export class RollbackAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { machine, versions, deployment }: RollbackAlarmsProps) {
    super(scope, id);
    // As long as the interval: CloudFormation looks once a minute and would miss an alarm that is over within one.
    const period = Duration.minutes(Math.min(deployment.intervalMinutes, Duration.days(1).toMinutes()));
    const failed = this.alarm('ExecutionsFailed', 'An execution of the version that is being deployed failed.', {
      metric: executionsFailed(machine, period),
      replacedWith: () => {
        const { definitionString, definitionSubstitutions } = machine.stateMachine.node.defaultChild as CfnStateMachine;
        return [definitionString, definitionSubstitutions];
      },
    });
    const broken = Object.entries(versions).map(([state, version]) =>
      this.alarm(`${state}Broken`, `The version of ${state} that is being deployed fails most of its calls.`, {
        metric: mostCallsFail(version, period),
        replacedWith: () => (version.node.defaultChild as CfnVersion).logicalId,
      }),
    );
    this.alarms = [failed, ...broken];
  }

  private alarm(
    id: string,
    alarmDescription: string,
    { metric, replacedWith }: { metric: IMetric; replacedWith: () => unknown },
  ): Alarm {
    const alarm = new Alarm(this, id, {
      alarmDescription,
      metric,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const stack = Stack.of(this);
    const cfn = alarm.node.defaultChild as CfnAlarm;
    const logicalId: string = stack.resolve(cfn.logicalId);
    // What a version is made of is known only when everything is there.
    const produce = () => {
      const version = JSON.stringify(stack.resolve(replacedWith()));
      return logicalId + createHash('sha256').update(version).digest('hex').slice(0, 8);
    };
    cfn.overrideLogicalId(Lazy.uncachedString({ produce }));
    return alarm;
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html, "Dimensions for executions with version" */
function executionsFailed({ stateMachine, version }: ProcessMachine, period: Duration): Metric {
  return new Metric({
    namespace: 'AWS/States',
    metricName: 'ExecutionsFailed',
    dimensionsMap: {
      StateMachineArn: stateMachine.stateMachineArn,
      // The part of its ARN after the machine's name.
      Version: Fn.select(7, Fn.split(':', version.attrArn)),
    },
    statistic: 'Sum',
    period,
  });
}

function mostCallsFail(version: Version, period: Duration): MathExpression {
  return new MathExpression({
    expression: `IF(errors > ${mostErrorsOfBusiness} AND errors * 2 > calls, 1, 0)`,
    usingMetrics: { errors: ofVersion(version, 'Errors', period), calls: ofVersion(version, 'Invocations', period) },
    period,
  });
}

/** Not CDK's own metric of a version, which has the function's name and the version in one dimension, where no data is. */
function ofVersion({ lambda, version }: Version, metricName: string, period: Duration): Metric {
  const dimensionsMap = { FunctionName: lambda.functionName, Resource: `${lambda.functionName}:${version}` };
  return new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap, statistic: 'Sum', period });
}
