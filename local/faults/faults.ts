/**
 * Breaks a running app on purpose, at every boundary, by a plan: a development feature of this runtime. The app's code, its bundles and the
 * engine know nothing of it; each part is handed a neighbour that sometimes misbehaves. Without a plan the neighbours are the real ones.
 */
import type { TakeOver } from '../aws/event-sources/sqs.ts';
import type { Endpoints } from '../aws/lambda/environment.ts';
import type { LambdaHost } from '../aws/lambda/host.ts';
import type { Checkpoints } from '../engine/checkpoints.ts';
import type { Clock, FunctionInvoker } from '../engine/ports.ts';
import type { RequestHandler } from '../http-server.ts';
import type { AppNames } from './app-names.ts';
import type { Via } from './boundaries.ts';
import { checkNames, isRequest, stepFunctionsCaller } from './check-names.ts';
import { type FaultReport, openFaultBook } from './fault-book.ts';
import { breakHttpApi } from './http-api.ts';
import { breakAsynchronous, breakFunctions } from './lambda.ts';
import type { FaultPlan } from './plan.ts';
import { breakQueue } from './queue.ts';
import { type RequestProxy, startRequestProxy } from './request-proxy.ts';
import { breakStream } from './stream.ts';

export interface FaultsOptions {
  store: Checkpoints;
  clock: Clock;
  /** Of this start; default: the one that was kept. */
  given?: FaultPlan | undefined;
  /** Where services are, by the SDK's service id in capitals. */
  services: Readonly<Record<string, string>>;
  app: AppNames;
  /** A sentence for people. */
  info(message: string): void;
}

/** A mapping of an event source, as far as it is named in plans. */
interface Source {
  eventSourceArn: string;
  functionName: string;
}

export interface Faults {
  /** Where each function reaches each service. */
  endpoints: Endpoints;
  /** Where Step Functions reaches a service. */
  endpoint(service: string): string;
  /** The functions of the app, from when they are there. */
  attach(host: LambdaHost): void;
  /** The functions as a kind of caller sees them. */
  functions(via: Via): LambdaHost;
  streamFunction(source: Source): FunctionInvoker;
  queueDelivery(source: Source): TakeOver;
  httpApi(handler: RequestHandler): RequestHandler;
  /** Throws `InvalidFaultPlan` if it names what is not in the app. */
  set(plan: FaultPlan): Promise<void>;
  report(): FaultReport;
  stop(): Promise<void>;
}

export async function openFaults(options: FaultsOptions): Promise<Faults> {
  const { store, clock, given, services, app, info } = options;
  if (given) checkNames(given, app);
  const book = await openFaultBook({ store, given, told: info });
  let host: LambdaHost | undefined;
  let proxy: Promise<RequestProxy> | undefined;
  /** What callers are told now. */
  let inBetween: RequestProxy | undefined;

  async function standBetween(): Promise<void> {
    const before = inBetween;
    const wanted = book.plan.rules.some(isRequest);
    if (wanted) proxy ??= startRequestProxy({ book, clock, services, kill, keysOf: (table) => app.tables.get(table) });
    inBetween = wanted ? await proxy : undefined;
    // Environments learn addresses when they start.
    if (inBetween !== before) host?.renew();
  }

  function kill(environmentId: string): boolean {
    const pid = host?.environments().find(({ id }) => id === environmentId)?.pid;
    if (pid === undefined) return false;
    try {
      return process.kill(pid, 'SIGKILL');
    } catch {
      return false;
    }
  }

  await standBetween();
  if (book.plan.rules.length > 0) info(`${book.plan.rules.length} fault rule(s) are in force, seed ${book.plan.seed}.`);

  const known = () => {
    if (!host) throw new Error('the functions are not attached yet');
    return host;
  };
  return {
    endpoints: (caller) =>
      inBetween
        ? Object.fromEntries(Object.keys(services).map((service) => [service, inBetween!.endpoint(service, caller)]))
        : services,
    endpoint: (service) =>
      inBetween?.endpoint(service, { functionName: stepFunctionsCaller, environmentId: '' }) ?? services[service]!,
    attach(functions) {
      host = functions;
    },
    functions(via) {
      const functions = breakFunctions(known(), book, clock, via);
      return via === 'asynchronous' ? breakAsynchronous(functions, book, clock) : functions;
    },
    streamFunction: (source) => breakStream(breakFunctions(known(), book, clock, 'stream'), source, book, clock),
    queueDelivery: (source) => breakQueue(source, book, clock),
    httpApi: (handler) => breakHttpApi(handler, book, clock),
    async set(plan) {
      checkNames(plan, app);
      await book.replace(plan);
      await standBetween();
    },
    report: () => book.report(),
    stop: async () => (await proxy)?.stop(),
  };
}
