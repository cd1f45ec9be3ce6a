import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdmin } from '../../local/admin.ts';
import { startDynamoDb } from '../../local/aws/dynamodb/start-dynamodb.ts';
import { forwardTo } from '../../local/aws/forward.ts';
import { stepFunctions } from '../../local/aws/step-functions/operations.ts';
import { createTaskRunner } from '../../local/aws/tasks/task-runner.ts';
import { createWire } from '../../local/aws/wire.ts';
import { createClock } from '../../local/engine/clock.ts';
import { openEngine } from '../../local/engine/engine.ts';
import { openJournal } from '../../local/engine/journal.ts';
import { freePort } from '../../local/free-port.ts';
import type { Fixtures } from './case-format.ts';
import { createFixtureFunctions, type FixtureFunctions } from './fixture-functions.ts';

export interface LocalServer extends AsyncDisposable {
  endpoint: string;
  functions: FixtureFunctions;
}

/** The account that all recordings name. */
const account = '111111111111';

/** Nothing here has to survive a lost power supply: memory is faster than a disk. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Where nobody listens: for a case that names no such service. */
const nowhere = 'http://127.0.0.1:9';

/** A function that sleeps in moved time must not hold up the clock. */
const settleWithinMs = 1_000;

/**
 * The runtime as `local/runtime.ts` puts it together, without an app: an account with nothing in it, its own clock, the fixture
 * functions in place of Lambda, and queues and buckets if the case needs some.
 */
export async function startLocalServer(
  fixtures: Fixtures,
  needs: { queues: boolean; tables: boolean },
): Promise<LocalServer> {
  const stateDir = mkdtempSync(join(scratch, 'conformance-'));
  const journal = openJournal(stateDir);
  const clock = createClock({ settleWithinMs });
  const functions = createFixtureFunctions(fixtures, clock);
  const queues = needs.queues ? await startQueues() : undefined;
  const tables = needs.tables ? await startTables(join(stateDir, 'dynamodb')) : undefined;
  const tasks = createTaskRunner({
    functions,
    queues: { endpoint: queues?.endpoint ?? nowhere },
    s3: { endpoint: queues?.endpoint ?? nowhere },
    dynamodb: { endpoint: () => tables?.endpoint ?? nowhere },
  });
  const engine = openEngine({ journal, clock, tasks, place: { account } });
  engine.resume();
  const wire = createWire();
  wire.service(stepFunctions(engine));
  wire.route(createAdmin(clock, { onCompleted: () => ({ [Symbol.dispose]() {} }) }));
  const toQueues = queues && forwardTo(queues.endpoint);
  if (toQueues) {
    wire.forward('AmazonSQS', toQueues.handler);
    wire.route(toQueues.handler);
  }
  const toTables = tables && forwardTo(tables.endpoint);
  if (toTables) wire.forward('DynamoDB_20120810', toTables.handler);
  return {
    endpoint: await wire.listen(0),
    functions,
    async [Symbol.asyncDispose]() {
      await wire.stop();
      engine.stop();
      clock.close();
      toQueues?.[Symbol.dispose]();
      await queues?.stop();
      toTables?.[Symbol.dispose]();
      await tables?.stop();
      journal.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function startQueues() {
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false, defaultRegion: 'us-east-1' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => app.close() };
}

async function startTables(directory: string) {
  return startDynamoDb({ environment: process.env, directory, port: await freePort(), tables: [], warn() {} });
}
