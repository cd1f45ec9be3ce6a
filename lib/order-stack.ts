import { type App, CfnOutput, Fn, Stack, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { loops, steps, waits as waitTimes } from '../statemachines/order-fulfillment.steps.ts';
import { Alarms } from './alarms.ts';
import { CallbackKeys } from './callback-keys.ts';
import { OrderApi } from './order-api.ts';
import { OrderStorage } from './order-storage.ts';
import { Permissions } from './permissions.ts';
import { ProviderKeys } from './provider-keys.ts';
import { warnOfSandboxes } from './sandbox-warnings.ts';
import type { Settings } from './settings.ts';
import { StuckDetector } from './stuck-detector.ts';
import { Waits } from './waits.ts';
import { WaitsQueue } from './waits-queue.ts';
import { Workflow } from './workflow.ts';

/** Everything that is deployed. Read this first: each construct has its file. */
export class OrderStack extends Stack {
  constructor(app: App, id: string, settings: Settings) {
    super(app, id, {
      description: 'Waybill: orders that are fulfilled exactly once or undone completely',
      // Its tables would stay, but neither its versions, with which orders in flight end, nor the keys of links.
      terminationProtection: settings.stage === 'prod',
    });
    if (settings.stage === 'prod') warnOfSandboxes(this, settings.parties);

    const { tables, buckets } = new OrderStorage(this, 'Storage');
    const { secrets: providerKeys } = new ProviderKeys(this, 'ProviderKeys', settings.parties);
    const secrets = {
      callbackKeys: new CallbackKeys(this, 'CallbackKeys', { waits: waitTimes }),
      carrierWebhook: carrierWebhook(this),
      ...providerKeys,
    };
    const permissions = new Permissions({ tables, buckets, secrets, parties: settings.parties });

    const waitsQueue = new WaitsQueue(this, 'WaitsQueue');
    const workflow = new Workflow(this, 'OrderFulfillment', {
      definitionFile: 'statemachines/order-fulfillment.asl.json',
      steps,
      waits: waitTimes,
      loops,
      permissions,
      // The step middleware keeps its records there.
      everyStep: { tables: { idempotency: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'] } },
      waitsQueue: waitsQueue.queue,
      deployment: settings.deployment,
      ...(settings.publishAgain ? { publishAgain: settings.publishAgain } : {}),
    });
    const { api } = new OrderApi(this, 'Api', {
      permissions,
      workflow,
      contacts: settings.contacts,
      ...(settings.jwt ? { jwt: settings.jwt } : {}),
    });
    const waits = new Waits(this, 'Waits', {
      waitsQueue,
      waits: tables.waits,
      permissions,
      contacts: settings.contacts,
      callbackBaseUrl: api.apiEndpoint,
      stateMachines: workflow.stateMachines,
    });
    const detector = new StuckDetector(this, 'Detector', { permissions, workflow, waitTimes, api });
    new Alarms(this, 'Alarms', {
      workflow,
      waitsQueue,
      waits,
      detector,
      callbackKeys: secrets.callbackKeys,
      api,
      ...(settings.alarmEmail ? { email: settings.alarmEmail } : {}),
    });

    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
    new CfnOutput(this, 'StateMachineArn', { value: workflow.liveArn });
    // For whoever operates: migrates orders, counts them per version.
    new CfnOutput(this, 'ResumeStateMachineArn', { value: workflow.resumeLiveArn });
    new CfnOutput(this, 'OrdersTableName', { value: tables.orders.table.tableName });
    // For whoever fills the stock, audits the sandbox's books or plays the carrier.
    new CfnOutput(this, 'InventoryTableName', { value: tables.inventory.table.tableName });
    new CfnOutput(this, 'SandboxTableName', { value: tables.sandbox.table.tableName });
    new CfnOutput(this, 'CarrierWebhookSecretArn', { value: secrets.carrierWebhook.secretArn });
    for (const [name, { secretArn }] of Object.entries(providerKeys)) {
      new CfnOutput(this, `${name[0]!.toUpperCase()}${name.slice(1)}SecretArn`, { value: secretArn });
    }
    new CfnOutput(this, 'PlaceOrderExample', { value: placeOrderExample(this, api.apiEndpoint, settings) });
  }
}

/** Shared with the carrier: starts as a random value and is replaced by the one that the carrier gives out. */
function carrierWebhook(scope: Construct): Secret {
  const secret = new Secret(scope, 'CarrierWebhook', {
    description: 'Key that signs carrier events (the plain string): paste the one that the carrier gave you',
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'The carrier gives out this key, so only the carrier can begin a rotation.',
  });
  return secret;
}

/** A line to paste into a shell. curl leaves out the token's header when there is no session token. */
function placeOrderExample(stack: Stack, apiUrl: string, { jwt }: Settings): string {
  const credentials = jwt
    ? '-H "authorization: Bearer $TOKEN"'
    : `--aws-sigv4 aws:amz:${stack.region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ` +
      '-H "x-amz-security-token: $AWS_SESSION_TOKEN"';
  return Fn.join('', [
    `curl -i ${credentials} -H "content-type: application/json" -H "idempotency-key: example-$(date +%s)" `,
    `--data-binary @examples/orders/two-books.json ${apiUrl}/orders`,
  ]);
}
