import { join, resolve } from 'node:path';
import { chooseAddresses } from './addresses.ts';
import { createAdmin } from './admin.ts';
import { applyActivities } from './apply-state-machines.ts';
import { tableSpecs } from './aws/dynamodb/table-spec.ts';
import { startTimeToLive } from './aws/dynamodb/time-to-live.ts';
import { createJsonClient } from './aws/event-sources/json-client.ts';
import { deliveredUpTo } from './aws/event-sources/stream-checkpoints.ts';
import { forwardTo } from './aws/forward.ts';
import { createAsynchronousInvocations } from './aws/lambda/asynchronous.ts';
import { createLambdaHost } from './aws/lambda/host.ts';
import { openLogFiles } from './aws/lambda/log-files.ts';
import type { LogEntry } from './aws/lambda/log-lines.ts';
import { openReservedConcurrency } from './aws/lambda/reserved-concurrency.ts';
import { createLambdaRestApi } from './aws/lambda/rest-api.ts';
import { prepareQueues } from './aws/queues/start-queues.ts';
import { schedulerOperations } from './aws/scheduler/operations.ts';
import { createSchedulerRestApi } from './aws/scheduler/rest-api.ts';
import { openSecretsManager } from './aws/secrets-manager/secrets-manager.ts';
import { openMailbox } from './aws/ses.ts';
import { stepFunctions } from './aws/step-functions/operations.ts';
import { createTaskRunner } from './aws/tasks/task-runner.ts';
import { createWire } from './aws/wire.ts';
import { createDeployAdmin } from './deploy/admin.ts';
import { createDeployment } from './deploy/deployment.ts';
import { openCheckpoints } from './engine/checkpoints.ts';
import { createClock } from './engine/clock.ts';
import { openEngine } from './engine/engine.ts';
import { clockOffset, openFacts } from './engine/facts.ts';
import { createFunctionCalls } from './engine/function-calls.ts';
import { openJournal, requireJournal } from './engine/journal.ts';
import type { Clock } from './engine/ports.ts';
import { createFaultsAdmin } from './faults/admin.ts';
import { appNames } from './faults/app-names.ts';
import { openFaults } from './faults/faults.ts';
import type { FaultPlan } from './faults/plan.ts';
import { giveUpVersions } from './give-up-versions.ts';
import { readRuntimeFile, type Synthesis, writeRuntimeFile } from './runtime-file.ts';
import { serveApis } from './serve-apis.ts';
import { createServiceList, type ServiceList } from './service-list.ts';
import { startEmulators } from './start-emulators.ts';
import { startEventSources } from './start-event-sources.ts';
import { startScheduler } from './start-scheduler.ts';
import { takeUp } from './take-up.ts';
import { eventSourceMappings } from './template/event-source-mappings.ts';
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
  /** Default `us-east-1`. */
  region?: string;
  /** What is to be broken on purpose; default: what was being broken at the end of the last run. */
  faults?: FaultPlan;
  /** How long executions that have ended are kept, in the runtime's time. Default: 90 days, as the service does. */
  keepEndedMs?: number;
  log?: RuntimeLog;
  /** How the assembly was made, for whoever makes the next one. */
  synthesis?: Synthesis;
  /** What `prepareRuntime` gave, if it was called early. */
  prepared?: Prepared;
}

export interface Runtime {
  stackName: string;
  /** By logical id. */
  apiUrls: Record<string, string>;
  /** One address for Step Functions, Lambda, DynamoDB, SQS, S3, Secrets Manager, Scheduler, SES and the runtime's own clock. */
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

type Prepared = ReturnType<typeof prepareRuntime>;

/** Begins what takes long and needs no template yet, for those who still have to synthesise one. */
export function prepareRuntime() {
  return { queues: prepareQueues() };
}

const SILENT: RuntimeLog = { info() {}, warn() {}, function() {} };

/**
 * Starts a synthesised app on this machine: everything that the template has, on the state folder, where what was going on at the
 * last stop or crash goes on. Throws `CannotStart` with a sentence for people, and has stopped everything by then.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { log = SILENT, prepared = prepareRuntime() } = options;
  const services = createServiceList();
  try {
    return await start({ ...options, stateDir: resolve(options.stateDir), log, prepared }, services);
  } catch (error) {
    await services.stop();
    await prepared.queues.terminate();
    throw error;
  }
}

/** The ordered start list. */
async function start(
  options: RuntimeOptions & { log: RuntimeLog; prepared: Prepared },
  services: ServiceList,
): Promise<Runtime> {
  const { stateDir, log, prepared, region, stack } = options;
  const { warn } = log;
  const inState = (name: string) => join(stateDir, name);

  // The journal first: it is also the lock of the state folder.
  const kept = readRuntimeFile(stateDir);
  if (kept) requireJournal(stateDir);
  const journal = services.add('journal', openJournal(stateDir), (one) => one.close());
  const clock = services.add('clock', createClock({ offset: clockOffset(openFacts(journal)) }), (one) => one.close());
  const checkpoints = openCheckpoints(journal);

  const assembly = loadAssembly(options.assemblyDir, { ...(region && { region }), ...(stack && { stack }) });
  const { place, stackName } = assembly;
  const addresses = await chooseAddresses(assembly, kept?.ports, options.port, services);
  const { ports, queuesEndpoint, queueUrl } = addresses;
  const published = openPublishedVersions(stateDir, clock.now);
  published.moved(addresses.moved);

  // A process and a thread come up while the engine reads its definitions.
  const emulators = startEmulators(assembly, { stateDir, ports, queues: prepared.queues, warn }, services);
  const wire = createWire((message, fields) => warn(`${message}: ${fields?.error ?? ''}`));
  const wireIsComplete = Promise.withResolvers<void>();
  const awsEndpoint = await wire.listen(ports.aws, wireIsComplete.promise);
  services.add('AWS endpoint', wire, (one) => one.stop());
  const logFiles = services.add('logs', openLogFiles(inState('logs'), warn), (one) => one[Symbol.dispose]());
  const sqs = services.add('SQS client', createJsonClient(queuesEndpoint, 'AmazonSQS'), (one) => one[Symbol.dispose]());
  const sendMessage = async (queueArn: string, MessageBody: string, more: object = {}) => {
    await sqs.call('SendMessage', { ...more, QueueUrl: queueUrl(queueArn), MessageBody });
  };

  // State machines before functions: functions name them in their environment.
  const functionCalls = createFunctionCalls(clock);
  const tasks = createTaskRunner({
    functions: { invoke: functionCalls.counting((...invocation) => byStepFunctions.invoke(...invocation)) },
    asynchronous: { accept: (...invocation) => asynchronous.accept(...invocation) },
    queues: {
      get endpoint() {
        return faults.endpoint('SQS');
      },
    },
    s3: { endpoint: queuesEndpoint },
    dynamodb: { endpoint: () => faults.endpoint('DYNAMODB'), asked: () => sources.doubtStreams() },
  });
  const info = (message: string) => log.info(message);
  const { keepEndedMs } = options;
  const engine = openEngine({ journal, clock, tasks, place, log: warn, info, functionCalls, keepEndedMs });
  await applyActivities(engine, assembly);
  const { functions, apis: apisOfTemplate } = takeUp(assembly, engine, published);
  giveUpVersions(engine, published, functions, checkpoints);

  const { dynamodb, queues } = await emulators;
  // When the mappings know their functions' versions, and before anything can write.
  const streams = eventSourceMappings(assembly).streams.map(({ mapping }) => mapping);
  dynamodb.trimStreams(deliveredUpTo(streams, checkpoints));
  const failed = Promise.race([journal.failed, dynamodb.failed, queues.failed]);
  // Whoever does not listen is told by the next thing that does not work.
  failed.catch(() => {});
  const app = appNames(assembly);
  const faults = await openFaults({
    store: checkpoints,
    clock,
    given: options.faults,
    services: {
      // A service that does not run here is refused here, instead of being called in the cloud.
      '*': awsEndpoint,
      SFN: awsEndpoint,
      LAMBDA: awsEndpoint,
      SECRETS_MANAGER: awsEndpoint,
      SESV2: awsEndpoint,
      SCHEDULER: awsEndpoint,
      SQS: queuesEndpoint,
      S3: queuesEndpoint,
      DYNAMODB: dynamodb.endpoint,
      DYNAMODB_STREAMS: dynamodb.endpoint,
    },
    app,
    info: (message) => log.info(message),
  });
  services.add('faults', faults, (one) => one.stop());
  const host = await createLambdaHost({
    functions: published.complete(functions),
    reservedConcurrency: openReservedConcurrency(functions, checkpoints),
    clock,
    place,
    endpoints: faults.endpoints,
    log: (entry) => {
      logFiles.log(entry);
      log.function(entry, stackName);
    },
  });
  services.add('Lambda', host, (one) => one.stop());
  faults.attach(host);
  const byStepFunctions = faults.functions('step-functions');
  services.add('Step Functions', engine, (one) => one.stop());
  const asynchronous = createAsynchronousInvocations({
    ...{ clock, store: checkpoints, sendMessage, warn },
    host: faults.functions('asynchronous'),
  });
  services.add('asynchronous invocations', asynchronous, (one) => one.stop());
  clock.settleWith(() => asynchronous.settle());
  const scheduler = await startScheduler(
    assembly,
    { clock, checkpoints, asynchronous, executions: engine.executions, sendMessage, warn },
    services,
  );
  const sources = await startEventSources(
    assembly,
    {
      host,
      faults,
      clock,
      checkpoints,
      dynamodbEndpoint: dynamodb.endpoint,
      queuesEndpoint,
      messagesEntered: queues.entered,
      queueUrl,
      sendMessage,
      warn,
    },
    services,
  );

  const tables = tableSpecs(assembly);
  const timeToLive = startTimeToLive({ tables, endpoint: dynamodb.endpoint, clock, warn });
  services.add('time to live', timeToLive, (one) => one.stop());
  const apis = serveApis(
    apisOfTemplate,
    {
      sites: addresses.apis,
      accountId: place.account,
      region: place.region,
      invoker: faults.functions('http-api'),
      around: faults.httpApi,
      clock,
      warn,
    },
    services,
  );
  const mailboxDir = inState('mailbox');
  const reached = {
    awsEndpoint,
    apiUrls: Object.fromEntries(addresses.apis.map(({ logicalId, url }) => [logicalId, url])),
    mailboxDir,
    logsDir: inState('logs'),
  };
  const deployment = createDeployment({
    ...{ assembly, functions, region, stack, engine, published, host, apis },
    synthesis: options.synthesis,
    tookUp({ assembly: now, synthesis }) {
      Object.assign(app, appNames(now));
      const outputs = now.outputs();
      writeRuntimeFile(stateDir, { pid: process.pid, ...reached, outputs, ports, ...(synthesis && { synthesis }) });
    },
  });
  const toDynamoDb = services.add('forwarding', forwardTo(dynamodb.endpoint), (one) => one[Symbol.dispose]());
  const toQueues = services.add('forwarding', forwardTo(queuesEndpoint), (one) => one[Symbol.dispose]());
  const secretsFile = inState('secrets.json');
  const secrets = openSecretsManager({ file: secretsFile, clock, assembly, functions: host, warn });
  services.add('Secrets Manager', secrets, (one) => one.stop());
  clock.settleWith(() => secrets.settle());
  wire.service(stepFunctions(engine));
  wire.service(secrets.service);
  wire.forward('DynamoDB_20120810', (...call) => toDynamoDb.handler(...call).finally(sources.doubtStreams));
  wire.forward('DynamoDBStreams_20120810', toDynamoDb.handler);
  wire.forward('AmazonSQS', toQueues.handler);
  wire.route(createFaultsAdmin(faults));
  wire.route(createDeployAdmin(deployment));
  wire.route(createAdmin(clock, host));
  wire.route(openMailbox({ directory: mailboxDir, clock }));
  const ofLambda = { host: faults.functions('api'), asynchronous, mappings: sources.switches, versions: deployment };
  wire.route(createLambdaRestApi(ofLambda));
  wire.route(createSchedulerRestApi(schedulerOperations(scheduler, clock)));
  // What is left are S3's paths, /<bucket>/<key>.
  wire.route(toQueues.handler);
  wireIsComplete.resolve();

  engine.resume();
  scheduler.resume();
  secrets.start();

  deployment.announce();
  return {
    ...reached,
    stackName,
    stateDir,
    clock,
    ignored: assembly.ignored,
    failed,
    get outputs() {
      return deployment.assembly.outputs();
    },
    stop: () => services.stop(),
  };
}
