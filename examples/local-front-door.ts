/** The front door of an order stack that runs on this machine. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type FrontDoor, openFrontDoor } from './front-door.ts';
import type { LocalRuntime } from './local-runtime.ts';
import { seedStock } from './seed-stock.ts';

/** Mail goes out through SES, so that the mailbox is a folder that a person can look into. */
export const mailContext = {
  mailFrom: 'orders@waybill.example',
  warehouseEmail: 'warehouse@waybill.example',
  supervisorEmail: 'supervisor@waybill.example',
  operatorEmail: 'operator@waybill.example',
};

/** How to reach any AWS service of the local runtime with the SDK. */
export const localClient = (awsEndpoint: string) => ({
  endpoint: awsEndpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

export async function openLocalFrontDoor(
  runtime: Pick<LocalRuntime, 'awsEndpoint' | 'outputs' | 'mailboxDir' | 'now'>,
): Promise<FrontDoor> {
  const secrets = new SecretsManagerClient(localClient(runtime.awsEndpoint));
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: runtime.outputs.CarrierWebhookSecretArn! }),
  );
  return openFrontDoor({
    apiUrl: runtime.outputs.ApiUrl!,
    mailboxDir: runtime.mailboxDir,
    carrierSecret: SecretString!,
    now: runtime.now,
  });
}

/** Puts stock, by SKU, onto the shelves of a stack that runs on this machine. */
export const fillShelves = (
  { awsEndpoint, outputs }: Pick<LocalRuntime, 'awsEndpoint' | 'outputs'>,
  shelves: Readonly<Record<string, number>>,
) => seedStock(new DynamoDBClient(localClient(awsEndpoint)), outputs.InventoryTableName!, shelves);
