/** One local runtime for every story that neither moves time nor kills it; each story places orders of its own. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TestProject } from 'vitest/node';
import { localClient, mailContext } from '../../examples/local-front-door.ts';
import { startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves, seedStock } from '../../examples/seed-stock.ts';

export interface SharedRuntime {
  awsEndpoint: string;
  outputs: Record<string, string>;
  mailboxDir: string;
  stateDir: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    runtime: SharedRuntime;
  }
}

export default async function setup(project: TestProject) {
  const runtime = await startLocalRuntime({ context: mailContext });
  await seedStock(
    new DynamoDBClient(localClient(runtime.awsEndpoint)),
    runtime.outputs.InventoryTableName!,
    await readShelves(),
  );
  const { awsEndpoint, outputs, mailboxDir, stateDir } = runtime;
  project.provide('runtime', { awsEndpoint, outputs, mailboxDir, stateDir });
  return () => runtime[Symbol.asyncDispose]();
}
