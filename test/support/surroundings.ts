import { afterAll } from 'vitest';
import { captureLogs } from './captured-logs.ts';
import { startDynamoDb } from './dynamodb.ts';
import { startFakeAws } from './fake-aws.ts';

/**
 * What handlers reach: tables, the services around them, and their log. This process's environment points there, so call it
 * before the modules under test are imported. It ends with the tests of the file.
 */
export async function startSurroundings() {
  const dynamodb = await startDynamoDb();
  const aws = await startFakeAws();
  const logsOf = captureLogs();
  afterAll(async () => {
    await aws.stop();
    await dynamodb.stop();
  });
  return { dynamodb, aws, logsOf };
}
