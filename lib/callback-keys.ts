import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { linkGraceSeconds } from '../lambdas/domain/wait-times.ts';
import type { Waits } from '../statemachines/wait-row.ts';
import { NodeFunction } from './node-function.ts';

export interface CallbackKeysProps {
  /** The waits of every process whose links are signed with these keys. */
  waits: Waits;
}

/** A rotation drops the key that the one before has replaced, so a key verifies for at least this long after it signed last. */
export const rotationDays = 30;

/**
 * A rotation comes at any time of the day that it is due, so that two may be a day closer than `rotationDays`; our Lambdas
 * may sign with a copy of the keys that is minutes old; and a rotation takes its time.
 */
const slackSeconds = 25 * 60 * 60;

/**
 * The keys that sign callback links, and their rotation; the secret's shape is described in lambdas/env.ts.
 *
 * Not CDK's own RotationSchedule: it lets Secrets Manager of any account invoke the Lambda, and the Lambda ask for random
 * passwords anywhere.
 */
export class CallbackKeys extends Secret {
  readonly rotate: NodeFunction;

  constructor(scope: Construct, id: string, { waits }: CallbackKeysProps) {
    super(scope, id, {
      description: 'Keys that sign callback links; `current` names the one that signs, the others still verify',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ current: 'k1' }),
        generateStringKey: 'k1',
        passwordLength: 64,
        excludePunctuation: true,
      },
    });
    checkLifetime(waits);
    this.rotate = new NodeFunction(this, 'Rotate', {
      handler: 'lambdas/waits/rotate-callback-keys.ts',
      timeoutSeconds: 30,
      service: 'waits',
      description: 'one step of a rotation of the keys of callback links',
    });
    this.rotate.addToRolePolicy(
      new PolicyStatement({
        actions: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
          (action) => `secretsmanager:${action}`,
        ),
        resources: [this.secretArn],
      }),
    );
    const mayInvoke = new CfnPermission(this, 'RotationMayInvoke', {
      action: 'lambda:InvokeFunction',
      functionName: this.rotate.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
      sourceArn: this.secretArn,
    });
    const schedule = new CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secretArn,
      rotationLambdaArn: this.rotate.functionArn,
      rotationRules: { automaticallyAfterDays: rotationDays },
      // Or two deployments in one day would drop the key of every link that was mailed before.
      rotateImmediatelyOnUpdate: false,
    });
    // Secrets Manager tries the function when the schedule is made.
    schedule.node.addDependency(mayInvoke, this.rotate);
  }
}

/** A link that outlives its key would be refused as a forgery: somebody could not answer, and would not be told why. */
function checkLifetime(waits: Waits): void {
  const [name, longest] = Object.entries(waits).reduce((a, b) => (b[1].timeoutSeconds > a[1].timeoutSeconds ? b : a));
  const lifetime = longest.timeoutSeconds + linkGraceSeconds + slackSeconds;
  if (lifetime < Duration.days(rotationDays).toSeconds()) return;
  const days = (lifetime / Duration.days(1).toSeconds()).toFixed(1);
  throw new Error(
    `links of ${name} can be used for ${days} days, and a key that signed one may be dropped after ${rotationDays}: ` +
      `shorten its timeoutSeconds (${longest.timeoutSeconds}) or rotate less often`,
  );
}
