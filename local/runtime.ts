import { join, resolve } from 'node:path';
import { createAdmin } from './admin.ts';
import { applyStateMachines } from './apply-state-machines.ts';
import { startDynamoDb } from './aws/dynamodb/start-dynamodb.ts';
import { tableSpecs } from './aws/dynamodb/table-spec.ts';
import { startDynamoDbStream } from './aws/event-sources/dynamodb-streams.ts';
import { createJsonClient } from './aws/event-sources/json-client.ts';
import { startSqsSource } from './aws/event-sources/sqs.ts';
import { forwardTo } from './aws/forward.ts';
import { apiSpecs } from './aws/http-api/api-spec.ts';
import { serveApi } from './aws/http-api/serve-api.ts';
import { createAsynchronousInvocations } from './aws/lambda/asynchronous.ts';
import { createLambdaHost } from './aws/lambda/host.ts';
import { openLogFiles } from './aws/lambda/log-files.ts';
import type { LogEntry } from './aws/lambda/log-lines.ts';
import { createLambdaRestApi } from './aws/lambda/rest-api.ts';
import { queueSpecs } from './aws/queues/queue-spec.ts';
import { prepareQueues, startQueues } from './aws/queues/start-queues.ts';
import { openSecretsManager } from './aws/secrets-manager.ts';
import { openMailbox } from './aws/ses.ts';
import { stepFunctions } from './aws/step-functions/operations.ts';
import { createTaskRunner } from './aws/tasks/task-runner.ts';
import { createWire } from './aws/wire.ts';
import { openCheckpoints } from './engine/checkpoints.ts';
import { createClock } from './engine/clock.ts';
import { openEngine } from './engine/engine.ts';
import { clockOffset, openFacts } from './engine/facts.ts';
import { openJournal } from './engine/journal.ts';
import type { Clock } from './engine/ports.ts';
import { keptOrFreePort } from './free-port.ts';
import { openHttpServer } from './http-server.ts';
import { readRuntimeFile, writeRuntimeFile } from './runtime-file.ts';
import { createServiceList } from './service-list.ts';
import { eventSourceMappings } from './template/event-source-mappings.ts';
import { functionDefinitions, numberVersions } from './template/functions.ts';
import { type Assembly, loadAssembly } from './template/load-assembly.ts';
import { openPublishedVersions } from './template/published-versions.ts';

/** Where lines for people go. */
export interface RuntimeLog {
  info(message: string): void;
  warn(message: string): void;
  /** What a function of the stack wrote. */
  function(entry: LogEntry, stackName: string): void;
}

export interface RuntimeOptions {
  /** Folder with the synthesised app (`cdk.out`). */
  assemblyDir: string;
  stateDir: string;
  /** Of the first HTTP API. Without it, or 0: the one of the last start, at the first start a free one. */
  port?: number;
  /** Needed when the app has several stacks. */
  stack?: string;
  region?: string;
  log?: RuntimeLog;
  /** What `prepareRuntime` gave, if it was called early. */
  prepared?: ReturnType<typeof prepareRuntime>;
}

export interface Runtime {
  stackName: string;
  /** By logical id. */
  apiUrls: Record<string, string>;
  /** One address for Step Functions, Lambda, DynamoDB, SQS, S3, Secrets Manager, SES and the runtime's own clock. */
  awsEndpoint: string;
  outputs: Record<string, string>;
  stateDir: string;
  mailboxDir: string;
  logsDir: string;
  clock: Clock;
  /** What of the stack changes nothing here. */
  ignored: Assembly['ignored'];
  /** Rejects when a part of the runtime ended that it cannot do without. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

const ACCOUNT = '000000000000';
const SILENT: RuntimeLog = { info() {}, warn() {}, function() {} };

/** Begins what takes long and needs no template yet, for those who still have to synthesise one. */
export function prepareRuntime() {
  return { queues: prepareQueues() };
}

/**
 * Starts a synthesised app on this machine: everything that the template has, on the state folder, where what was going on at the
 * last stop or crash goes on. Throws `CannotStart` with a sentence for people, and has stopped everything by then.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { log = SILENT, prepared = prepareRuntime() } = options;
  const services = createServiceList();
  try {
    return await start({ ...options, stateDir: resolve(options.stateDir) }, log, prepared, services);
  } catch (error) {
    await services.stop();
    await prepared.queues.terminate();
    throw error;
  }
}

async function start(
  options: RuntimeOptions,
  log: RuntimeLog,
  prepared: ReturnType<typeof prepareRuntime>,
  services: ReturnType<typeof createServiceList>,
): Promise<Runtime> {
  const { stateDir } = options;
  const { warn } = log;
  const inState = (name: string) => join(stateDir, name);

  // The journal first: it is also the lock of the state folder.
  const journal = services.add('journal', openJournal(stateDir), (one) => one.close());
  const clock = services.add('clock', createClock({ offset: clockOffset(openFacts(journal)) }), (one) => one.close());
  const checkpoints = openCheckpoints(journal);
  const kept = readRuntimeFile(stateDir);
  const assembly = loadAssembly(options.assemblyDir, { account: ACCOUNT, ...pick(options, 'region', 'stack') });
  const { place, stackName } = assembly;

  // Addresses before anything else: the rest of the template is resolved with them.
  const wire = createWire((message, fields) => warn(`${message}: ${String(fields?.error ?? '')}`));
  const apiSites = await openApiServers(assembly, kept?.ports.apis ?? {}, options.port, services);
  const [awsPort, dynamodbPort, queuesPort] = await Promise.all([
    keptOrFreePort(kept?.ports.aws),
    keptOrFreePort(kept?.ports.dynamodb),
    keptOrFreePort(kept?.ports.queues),
  ]);
  const awsEndpoint = await wire.listen(awsPort);
  services.add('AWS endpoint', wire, (one) => one.stop());
  const queuesEndpoint = `http://127.0.0.1:${queuesPort}`;
  const queueUrl = (nameOrArn: string) => `${queuesEndpoint}/${ACCOUNT}/${nameOrArn.split(':').at(-1)}`;
  const queues = queueSpecs(assembly);
  for (const { logicalId, name } of queues) {
    assembly.know(logicalId, 'Ref', queueUrl(name));
    assembly.know(logicalId, 'QueueUrl', queueUrl(name));
  }
  const published = openPublishedVersions(stateDir);
  numberVersions(assembly, published);

  // Two processes and a thread come up while the engine reads its definitions.
  const buckets = assembly.ofType('AWS::S3::Bucket').map(({ logicalId }) => assembly.ref(logicalId));
  const starting = services.startAll({
    dynamodb: startDynamoDb({
      environment: process.env,
      directory: inState('dynamodb'),
      port: dynamodbPort,
      tables: tableSpecs(assembly),
      warn,
    }),
    queues: startQueues(
      { directory: inState('queues'), port: queuesPort, region: place.region, queues, buckets },
      prepared.queues,
    ),
  });
  const logFiles = services.add('logs', openLogFiles(inState('logs')), (one) => one[Symbol.dispose]());
  const sqs = services.add('SQS client', createJsonClient(queuesEndpoint, 'AmazonSQS'), (one) => one[Symbol.dispose]());
  const sendMessage = async (queueArn: string, MessageBody: string) => {
    await sqs.call('SendMessage', { QueueUrl: queueUrl(queueArn), MessageBody });
  };

  const tasks = createTaskRunner({
    functions: { invoke: (...invocation) => host.invoke(...invocation) },
    asynchronous: { accept: (...invocation) => asynchronous.accept(...invocation) },
    queues: { endpoint: queuesEndpoint },
  });
  const engine = openEngine({ journal, clock, tasks, place, log: (message) => warn(message) });
  applyStateMachines(engine, assembly);

  const endpoints = {
    ...Object.fromEntries(['SFN', 'LAMBDA', 'SECRETS_MANAGER', 'SESV2'].map((service) => [service, awsEndpoint])),
    SQS: queuesEndpoint,
    S3: queuesEndpoint,
  };
  const { dynamodb, queues: queuesServer } = await starting;
  const failed = Promise.race([dynamodb.failed, queuesServer.failed]);
  // Whoever does not listen is told by the next thing that does not work.
  failed.catch(() => {});
  const host = await createLambdaHost({
    functions: functionDefinitions(assembly, published),
    clock,
    place,
    endpoints: { ...endpoints, DYNAMODB: dynamodb.endpoint, DYNAMODB_STREAMS: dynamodb.endpoint },
    log: (entry) => {
      logFiles.log(entry);
      log.function(entry, stackName);
    },
  });
  services.add('Lambda', host, (one) => one.stop());
  published.save();
  services.add('Step Functions', engine, (one) => one.stop());
  const asynchronous = createAsynchronousInvocations({ host, clock, store: checkpoints, sendMessage, warn });
  services.add('asynchronous invocations', asynchronous, (one) => one.stop());

  const sources = eventSourceMappings(assembly);
  const common = { invoker: host, clock, warn };
  const [streams, polled] = await Promise.all([
    Promise.all(
      sources.streams.map((mapping) =>
        startDynamoDbStream({ ...common, mapping, endpoint: dynamodb.endpoint, checkpoints, sendMessage }),
      ),
    ),
    Promise.all(
      sources.queues.map((mapping) =>
        startSqsSource({
          ...common,
          mapping,
          endpoint: queuesEndpoint,
          queueUrl: queueUrl(mapping.eventSourceArn),
        }),
      ),
    ),
  ]);
  for (const source of [...streams, ...polled]) {
    services.add(source.name, source, (one) => one.stop());
    clock.settleWith(() => source.settle());
  }
  clock.settleWith(() => host.settle());
  const invocations = new Map<string, number>();
  host.onCompleted((functionName) => {
    invocations.set(functionName, (invocations.get(functionName) ?? 0) + 1);
    // Whatever a function wrote may be in a stream.
    for (const stream of streams) stream.notify();
  });

  const mailboxDir = inState('mailbox');
  const toDynamoDb = services.add('forwarding', forwardTo(dynamodb.endpoint), (one) => one[Symbol.dispose]());
  const toQueues = services.add('forwarding', forwardTo(queuesEndpoint), (one) => one[Symbol.dispose]());
  const { operations } = openSecretsManager({ file: inState('secrets.json'), clock, assembly });
  wire.service(stepFunctions(engine));
  wire.service({ target: 'secretsmanager', version: '1.1', operations });
  wire.forward('DynamoDB_20120810', toDynamoDb.handler);
  wire.forward('DynamoDBStreams_20120810', toDynamoDb.handler);
  wire.forward('AmazonSQS', toQueues.handler);
  wire.route(createAdmin(clock, () => Object.fromEntries(invocations)));
  wire.route(openMailbox({ directory: mailboxDir, clock }));
  wire.route(createLambdaRestApi(host, asynchronous));
  // What is left are S3's paths, /<bucket>/<key>.
  wire.route(toQueues.handler);

  for (const { api, server } of apiSites) {
    server.serve(
      serveApi(api, {
        accountId: place.account,
        region: place.region,
        invoker: host,
        clock,
        log: ({ api: name, requestId, message }) => warn(`${name} ${requestId}: ${message}`),
      }),
    );
    services.add(`API ${api.name}`, server, (one) => one.stop());
  }
  engine.resume();

  const apiUrls = Object.fromEntries(apiSites.map(({ api, url }) => [api.logicalId, url]));
  const runtime = { awsEndpoint, apiUrls, outputs: assembly.outputs(), mailboxDir, logsDir: inState('logs') };
  const ports = {
    aws: awsPort,
    dynamodb: dynamodbPort,
    queues: queuesPort,
    apis: Object.fromEntries(apiSites.map(({ api, server }) => [api.logicalId, server.port])),
  };
  writeRuntimeFile(stateDir, { pid: process.pid, ...runtime, ports });
  return {
    stackName,
    ...runtime,
    stateDir,
    clock,
    ignored: assembly.ignored,
    failed,
    stop: () => services.stop(),
  };
}

/** Takes the ports of all HTTP APIs and tells the assembly their addresses. */
async function openApiServers(
  assembly: Assembly,
  keptPorts: Record<string, number>,
  wantedPort: number | undefined,
  services: ReturnType<typeof createServiceList>,
) {
  const sites = [];
  for (const { logicalId } of assembly.ofType('AWS::ApiGatewayV2::Api')) {
    const wanted = sites.length === 0 ? wantedPort : undefined;
    const server = await openHttpServer(`the API ${logicalId}`, wanted || (keptPorts[logicalId] ?? 0));
    services.add(`server of ${logicalId}`, server, (one) => one.stop());
    const url = `http://127.0.0.1:${server.port}`;
    assembly.know(logicalId, 'ApiEndpoint', url);
    sites.push({ logicalId, server, url });
  }
  const apis = apiSpecs(assembly);
  return sites.map((site) => ({ ...site, api: apis.find((api) => api.logicalId === site.logicalId)! }));
}

function pick<From extends object, Key extends keyof From>(from: From, ...keys: Key[]): Pick<From, Key> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Pick<
    From,
    Key
  >;
}
