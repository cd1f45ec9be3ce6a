import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { startDynamoDb } from '../../../local/aws/dynamodb/start-dynamodb.ts';
import { freePort } from '../../../local/free-port.ts';
import { writeRuntimeFile } from '../../../local/runtime-file.ts';
import { type MigrateOptions, migrate } from '../../../operations/migrate/migrate.ts';
import { openStack } from '../../../operations/stack-access.ts';
import { resumeDefinition } from '../../../statemachines/resume/resume-definition.ts';
import { role, startEngine, type TestEngine } from '../../support/engine.ts';
import { orderDefinition } from '../../support/order-definition.ts';

interface Given {
  FunctionName: string;
  Payload: { orderId: string };
  MessageBody: { waitId: string; taskToken: string; answerIfNone?: { error: string } };
}

type States = Record<string, Record<string, unknown>>;

/** The order process on a real engine, behind the wire, with steps that only leave a trace, and the table of the records. */
export interface Stage extends AsyncDisposable {
  engine: TestEngine;
  stateDir: string;
  /** What the steps did: `<order> <state>:<version>`. */
  effects: string[];
  /** A step that fails so often, with this error. */
  fail(step: string, error: string, times?: number): void;
  /** While it holds, the step does not come to its end. */
  hold(step: string): () => void;
  /** Publishes a definition in both machines, as a deployment does; resolves to its number. */
  deploy(edit?: (states: States) => void): Promise<number>;
  /** Of both machines, as prune does. */
  deleteVersion(number: number): void;
  /** The newest version. */
  deployed(): number;
  /** On the version that is live, or on another. */
  place(orderId: string, version?: number): Promise<string>;
  /** As a person or the carrier: goes to the token of now, or to the next one if nobody has it any more. */
  answer(waitId: string, answer: { action: string } | { error: string }): Promise<void>;
  /** What is under way of the order, by the last name of its executions. */
  stands(orderId: string): { name: string; state: string | undefined; status: string; versionArn: string | null };
  executions(): { name: string; machine: string; status: string; error: string | null; output: string | null }[];
  settled(): Promise<void>;
  /** All that were ever opened. */
  waitIds(): Iterable<string>;
  arnOf(name: string): Promise<string>;
  migrate(options?: Partial<MigrateOptions>, stopped?: () => boolean): Promise<{ done: boolean; lines: string[] }>;
  /** As a child process; `killAt`: how many writes it gets to, and whether the last of them is done. */
  run(args: string[], killAt?: { write: number; when: 'before' | 'after' }): Promise<Ended>;
  /** Called before a request of the command is passed on. */
  intercept: ((operation: string, body: Record<string, unknown>) => Promise<void> | void) | undefined;
  writes: string[];
  records(): Promise<Record<string, unknown>[]>;
  endOrder(orderId: string): Promise<void>;
  definitionFile: string;
}

export interface Ended {
  code: number | null;
  signal: string | null;
  output: string;
}

const stateMachine = 'waybill-test-order-fulfillment';
const writing = ['StopExecution', 'StartExecution', 'PutItem', 'DeleteItem', 'RedriveExecution'];

export async function startStage(): Promise<Stage> {
  const effects: string[] = [];
  const failures = new Map<string, { error: string; times: number }>();
  const held = new Map<string, Promise<void>>();
  const tokens = new Map<string, string>();
  const answers = new Map<string, { action: string } | { error: string }>();

  const engine = await startEngine({
    async run(task, { started }) {
      if (task.phase === 'submitted') return { type: 'awaitingCallback' };
      started();
      const given = JSON.parse(task.parameters) as Given;
      if (task.resource.endsWith('.waitForTaskToken')) {
        const { waitId, taskToken, answerIfNone } = given.MessageBody;
        tokens.set(waitId, taskToken);
        if (answerIfNone && !answers.has(waitId)) answers.set(waitId, answerIfNone);
        // Like a message in a queue: after the task was submitted.
        setTimeout(() => void deliver(waitId), 0);
        return { type: 'taskSubmitted', output: '{}' };
      }
      const [step, version] = given.FunctionName.split(':').slice(6) as [string, string];
      await held.get(step);
      const failure = failures.get(step);
      if (failure && failure.times > 0) {
        failure.times -= 1;
        return { type: 'taskFailed', error: failure.error, cause: 'as the test has it' };
      }
      const { orderId } = given.Payload;
      effects.push(`${orderId} ${step}:${version}`);
      return {
        type: 'taskSucceeded',
        output: JSON.stringify({ Payload: { orderId, status: 'ended', reason: 'as the test has it' } }),
      };
    },
  });

  async function deliver(waitId: string): Promise<void> {
    const [token, answer] = [tokens.get(waitId), answers.get(waitId)];
    if (!token || !answer) return;
    const { callbacks } = engine.engine;
    try {
      if ('error' in answer) await callbacks.fail(token, answer.error, '{}');
      else await callbacks.succeed(token, JSON.stringify({ ...answer, by: 'Ada', at: '2030-01-01T00:00:00.000Z' }));
    } catch (error) {
      // Too late for this token: it goes to the next.
      if (!/TaskTimedOut|TaskDoesNotExist|InvalidToken/.test((error as Error).name)) throw error;
    }
  }

  const stateDir = mkdtempSync(join(tmpdir(), 'migrate-'));
  mkdirSync(join(stateDir, 'dynamodb'));
  const dynamodb = await startDynamoDb({
    environment: process.env,
    directory: join(stateDir, 'dynamodb'),
    port: await freePort(),
    tables: [
      {
        logicalId: 'Orders',
        tableName: 'orders',
        AttributeDefinitions: [
          { AttributeName: 'orderId', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'orderId', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [],
        LocalSecondaryIndexes: [],
      },
    ],
    warn: () => {},
  });
  const documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: dynamodb.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  );

  let interrupted: { left: number; when: 'before' | 'after'; kill(): void } | undefined;
  const stage = { intercept: undefined, writes: [] as string[] } as unknown as Stage;

  /** The endpoint of the command: everything it says to AWS passes here. */
  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.url === '/_local/health') {
      response.end(JSON.stringify({ status: 'ok', pid: process.pid, now: new Date().toISOString() }));
      return;
    }
    const [service = '', operation = ''] = String(incoming.headers['x-amz-target']).split('.');
    const body = await buffer(incoming);
    if (writing.includes(operation)) stage.writes.push(operation);
    const dies = writing.includes(operation) && interrupted && --interrupted.left === 0;
    if (dies && interrupted?.when === 'before') {
      interrupted.kill();
      return response.socket?.destroy() as undefined;
    }
    await stage.intercept?.(operation, JSON.parse(body.toString()) as Record<string, unknown>);
    const to = new URL(service.startsWith('DynamoDB') ? dynamodb.endpoint : engine.endpoint);
    const { host: _, ...headers } = incoming.headers;
    const outgoing = request({ host: to.hostname, port: to.port, method: 'POST', path: '/', headers });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const said = await buffer(answer);
    if (dies) {
      interrupted?.kill();
      return response.socket?.destroy() as undefined;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.end(said);
  }
  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const awsEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const { stateMachines } = engine.engine;
  const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  const definitionFile = join(stateDir, 'process.asl.json');
  const machines: { main?: string; resume?: string } = {};
  let deployed = 0;

  function publish(kind: 'main' | 'resume', name: string, definition: string): void {
    const known = machines[kind];
    if (known) stateMachines.update({ stateMachineArn: known, definition });
    else machines[kind] = stateMachines.create({ name, definition, roleArn: role }).stateMachine.arn;
    const stateMachineArn = machines[kind]!;
    const version = stateMachines.publish({ stateMachineArn });
    const alias = `${stateMachineArn}:live`;
    const routing = [{ stateMachineVersionArn: version.arn, weight: 100 }];
    if (known) engine.engine.aliases.update({ arn: alias, routing });
    else engine.engine.aliases.create({ name: 'live', routing });
  }

  const numberOf = (name: string, orderId: string) => Number(name.slice(orderId.length + 1) || 1);

  const all = () =>
    [machines.main, machines.resume].flatMap((arn) =>
      engine.engine.executions.list({ stateMachineArn: arn!, since: 0, limit: 10_000 }),
    );

  Object.assign(stage, {
    engine,
    stateDir,
    effects,
    definitionFile,
    fail: (step, error, times = Number.POSITIVE_INFINITY) => void failures.set(step, { error, times }),
    hold(step) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(step, promise);
      return () => {
        held.delete(step);
        resolve();
      };
    },
    async deploy(edit = () => {}) {
      deployed += 1;
      const definition = JSON.parse(orderDefinition) as { States: States };
      edit(definition.States);
      const text = JSON.stringify(definition, undefined, 2)
        .replaceAll('${WaitsQueueUrl}', 'https://sqs/waits')
        .replaceAll(/\$\{(\w+)\}/g, (_, name) => `${functionArn(name)}:${deployed}`);
      publish('main', stateMachine, text);
      publish('resume', `${stateMachine}-resume`, resumeDefinition(text));
      writeFileSync(definitionFile, text);
      writeRuntimeFile(stateDir, {
        pid: process.pid,
        awsEndpoint,
        apiUrls: {},
        outputs: {
          StateMachineArn: `${machines.main}:live`,
          ResumeStateMachineArn: `${machines.resume}:live`,
          OrdersTableName: 'orders',
        },
        mailboxDir: '',
        logsDir: '',
        ports: { aws: 0, dynamodb: 0, queues: 0, apis: {} },
      });
      return deployed;
    },
    deleteVersion(number) {
      for (const arn of [machines.main, machines.resume]) stateMachines.deleteVersion(`${arn}:${number}`);
    },
    deployed: () => deployed,
    async place(orderId, version) {
      const { executionArn } = await engine.engine.executions.start({
        stateMachineArn: `${machines.main}:${version ?? 'live'}`,
        name: orderId,
        input: JSON.stringify({ orderId, lines: [{ sku: 'tea', quantity: 1 }] }),
      });
      return executionArn;
    },
    async answer(waitId, answer) {
      if (!answers.has(waitId)) answers.set(waitId, answer);
      await deliver(waitId);
    },
    stands(orderId) {
      const row = all()
        .filter(({ name }) => name === orderId || name.startsWith(`${orderId}-`))
        .sort((one, other) => numberOf(other.name, orderId) - numberOf(one.name, orderId))[0]!;
      const { events } = engine.engine.executions.history(row, { limit: 1000, reverse: true });
      const entered = events.find(({ type }) => type.endsWith('StateEntered'));
      const { name, status, versionArn } = row;
      return { name, status, versionArn, state: entered?.stateEnteredEventDetails?.name as string | undefined };
    },
    executions: () =>
      all().map(({ name, stateMachineArn, status, error, output }) => {
        return { name, machine: stateMachineArn.endsWith('-resume') ? 'resume' : 'main', status, error, output };
      }),
    waitIds: () => tokens.keys(),
    arnOf: async (name) => all().find((row) => row.name === name)!.arn,
    async settled() {
      // What one thing sets off is done when nothing has happened for a few turns of the loop.
      for (let quiet = 0, last = ''; quiet < 20; ) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const now = JSON.stringify(all().map(({ arn, status }) => [arn, status, historyLength(arn)]));
        quiet = now === last ? quiet + 1 : 0;
        last = now;
      }
    },
    async migrate(options = {}, stopped = () => false) {
      const lines: string[] = [];
      const stack = await openStack({ state: stateDir });
      const done = await migrate(
        stack,
        {
          ...{ from: '1', to: 'live', failed: false, aborted: false, dryRun: false, patienceSeconds: 0 },
          definitionFile,
          ...options,
        },
        { print: (line) => lines.push(line), stopped },
      );
      return { done, lines };
    },
    async run(args, killAt) {
      const [command, ...rest] = args as [string];
      const child = spawn(process.execPath, [join('operations', command, 'main.ts'), '--state', stateDir, ...rest], {
        cwd: join(import.meta.dirname, '../../..'),
        env: { ...process.env, AWS_MAX_ATTEMPTS: '3' },
      });
      interrupted = killAt && { left: killAt.write, when: killAt.when, kill: () => child.kill('SIGKILL') };
      const output: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => output.push(text));
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      interrupted = undefined;
      return { code, signal, output: output.join('') };
    },
    async records() {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: 'orders' }));
      return Items.filter((item) => item.orderId === 'migrations');
    },
    async endOrder(orderId) {
      await documents.send(
        new PutCommand({ TableName: 'orders', Item: { orderId, sk: 'order', outcome: { status: 'completed' } } }),
      );
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      documents.destroy();
      await engine[Symbol.asyncDispose]();
      await dynamodb.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  } satisfies Partial<Stage>);
  const historyLength = (arn: string) => {
    const row = engine.engine.executions.get(arn);
    return engine.engine.executions.history(row, { limit: 1, reverse: true }).events[0]?.id;
  };
  return stage;
}
