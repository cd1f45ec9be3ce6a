import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, inject, test } from 'vitest';
import { localClient } from '../../examples/local-front-door.ts';
import { anOrder, placed, scanned, sharedDoor } from '../support/story.ts';

test('no log line has a task token, a key, a signature of a link or a payment token in it', async () => {
  const { awsEndpoint, stateDir, outputs } = inject('runtime');
  const door = await sharedDoor();
  const paymentToken = 'tok_secretEnoughToBeFound';

  const completed = await placed(door, anOrder({ paymentToken }));
  const link = await door.callbackLink(completed, 'AwaitPicking');
  await fetch(`${link}x`);
  await fetch(link.replace('sig=', 'sig=AAAA'));
  await door.answerByLink(link, 'picked');
  await scanned(door, completed);
  await door.orderIn(completed, 'completed');
  const cancelled = await placed(door, anOrder({ paymentToken }));
  await door.cancelOrder(cancelled);
  await door.orderIn(cancelled, 'cancelled');

  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(awsEndpoint)));
  const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
  const waitsTable = TableNames?.find((name) => name.includes('Waits'));
  const waits = await dynamodb.send(new ScanCommand({ TableName: waitsTable! }));
  const tokens = (waits.Items ?? []).flatMap((item) =>
    Object.entries(item).flatMap(([name, value]) => (/token$/i.test(name) ? [String(value)] : [])),
  );
  expect(tokens.length).toBeGreaterThan(0);

  const { SecretString } = await new SecretsManagerClient(localClient(awsEndpoint)).send(
    new GetSecretValueCommand({ SecretId: outputs.CarrierWebhookSecretArn! }),
  );
  const signatures = (await door.mails()).flatMap(({ text }) =>
    [...text.matchAll(/[?&]sig=([\w-]+)/g)].map((m) => m[1]!),
  );
  expect(signatures.length).toBeGreaterThan(0);

  const folder = join(stateDir, 'logs');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const logs = (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n');
  expect(logs).toContain(completed);
  for (const secret of [...tokens, ...signatures, SecretString!, paymentToken]) expect(logs).not.toContain(secret);
});
