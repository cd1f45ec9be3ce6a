import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface FakeExecution {
  name: string;
  stateMachineArn: string;
  input: string;
  status: string;
  startDate: number;
  /** Of one that has ended: when (Unix seconds), and its error. */
  stopDate?: number;
  error?: string;
  /** Whose execution it is, `orders` if nothing is said. */
  machine?: string;
  /** What happened last, of a running one: when (Unix seconds), and in which state. */
  last?: { at: number; state: string };
}

/** A schedule, as far as our tests look into it. */
export interface FakeSchedule {
  Name: string;
  GroupName: string;
  ScheduleExpression: string;
  ActionAfterCompletion: string;
  Target: { Arn: string; RoleArn: string; Input: string };
}

/** What came for one task token. */
export interface Delivery {
  token: string;
  output?: unknown;
  error?: string;
  cause?: string;
}

/**
 * The edges of AWS that handlers call and no local product covers: the API of Step Functions, as far as handlers use it,
 * Secrets Manager, and EventBridge Scheduler. Speaks the wire protocol, so that the real SDK is under test. The environment of this process is
 * pointed at it: call it before the modules under test are imported.
 */
export async function startFakeAws() {
  const executions = new Map<string, FakeExecution>();
  /** Task tokens that somebody waits with; a token that was used up or timed out is not in it. */
  const openTokens = new Set<string>();
  const deliveries: Delivery[] = [];
  const secrets = new Map<string, string>();
  /** By name; those of every group. */
  const schedules = new Map<string, FakeSchedule>();
  const calls: string[] = [];
  /** Errors to answer with, per operation, oldest first. */
  const failures = new Map<string, string[]>();

  /** Called before an operation is done: something else happens just then, or nothing ever comes back. */
  const interruption: { before?: ((operation: string) => Promise<unknown>) | undefined } = {};

  const operations: Record<string, (input: Record<string, string>) => object> = {
    StartExecution({ stateMachineArn, name, input }) {
      const known = executions.get(name!);
      if (known && (known.status !== 'RUNNING' || known.input !== input)) throw new Refusal('ExecutionAlreadyExists');
      const startDate = known?.startDate ?? Date.now() / 1000;
      executions.set(name!, {
        name: name!,
        stateMachineArn: stateMachineArn!,
        input: input!,
        status: 'RUNNING',
        startDate,
      });
      return { executionArn: executionArn({ name: name! }), startDate };
    },
    DescribeExecution(input) {
      const known = [...executions.values()].find((one) => executionArn(one) === input.executionArn);
      if (!known) throw new Refusal('ExecutionDoesNotExist');
      return { ...known, executionArn: input.executionArn };
    },
    GetExecutionHistory(input) {
      const { last } = [...executions.values()].find((one) => executionArn(one) === input.executionArn)!;
      if (!last) return { events: [] };
      const entered = { id: 1, type: 'TaskStateEntered', stateEnteredEventDetails: { name: last.state } };
      return {
        events: [
          { timestamp: last.at, id: 2, type: 'TaskSubmitted' },
          { timestamp: last.at, ...entered },
        ],
      };
    },
    SendTaskSuccess: ({ taskToken, output }) => deliver({ token: taskToken!, output: JSON.parse(output!) }),
    SendTaskFailure: ({ taskToken, error, cause }) => deliver({ token: taskToken!, error: error!, cause: cause! }),
    CreateSchedule(input) {
      if (schedules.has(input.Name!)) throw new Refusal('ConflictException');
      schedules.set(input.Name!, input as unknown as FakeSchedule);
      return {};
    },
    UpdateSchedule(input) {
      if (!schedules.has(input.Name!)) throw new Refusal('ResourceNotFoundException');
      schedules.set(input.Name!, input as unknown as FakeSchedule);
      return {};
    },
    DeleteSchedule({ Name }) {
      if (!schedules.delete(Name!)) throw new Refusal('ResourceNotFoundException');
      return {};
    },
    GetSecretValue({ SecretId }) {
      const text = secrets.get(SecretId!);
      if (text === undefined) throw new Refusal('ResourceNotFoundException');
      return { ARN: SecretId, Name: SecretId, SecretString: text };
    },
  };

  function deliver(delivery: Delivery): object {
    if (!openTokens.delete(delivery.token)) throw new Refusal('TaskTimedOut');
    deliveries.push(delivery);
    return {};
  }

  const server = createServer(async (request, response) => {
    const operation = operationOf(request);
    calls.push(operation);
    response.setHeader('content-type', request.headers['content-type'] ?? 'application/x-amz-json-1.0');
    try {
      await interruption.before?.(operation);
    } catch {
      // The caller's process is gone, or its network.
      request.socket.destroy();
      return;
    }
    try {
      const input = await inputOf(request);
      const failure = failures.get(operation)?.shift();
      if (failure) throw new Refusal(failure);
      response.end(JSON.stringify(operations[operation]!(input)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.statusCode = 400;
      response.setHeader('x-amzn-errortype', error.message);
      response.end(JSON.stringify({ __type: error.message, message: `${error.message}, says the fake` }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  secrets.set('callback-keys', JSON.stringify({ current: 'k1', k1: 'a key for tests, of at least 32 characters' }));
  secrets.set('carrier-webhook', 'the key of the carrier');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SFN: endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    AWS_ENDPOINT_URL_SCHEDULER: endpoint,
    AWS_MAX_ATTEMPTS: '1',
    STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orders:live',
    CALLBACK_BASE_URL: 'https://api.example.com',
    CALLBACK_KEYS_SECRET_ARN: 'callback-keys',
    CARRIER_WEBHOOK_SECRET_ARN: 'carrier-webhook',
    REMINDERS_GROUP: 'reminders',
    REMINDERS_ROLE_ARN: 'arn:aws:iam::000000000000:role/reminders',
    REMINDERS_QUEUE_ARN: 'arn:aws:sqs:us-east-1:000000000000:reminders',
    WAREHOUSE_EMAIL: 'warehouse@example.com',
    SUPERVISOR_EMAIL: 'supervisor@example.com',
    OPERATOR_EMAIL: 'operator@example.com',
  });

  return {
    executions,
    openTokens,
    deliveries,
    secrets,
    schedules,
    calls,
    failures,
    interruption,
    /** The next call of the operation is answered with this error. */
    failNext: (operation: string, error: string) =>
      failures.set(operation, [...(failures.get(operation) ?? []), error]),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export type FakeAws = Awaited<ReturnType<typeof startFakeAws>>;

class Refusal extends Error {}

/** Services that speak JSON name the operation in a header; EventBridge Scheduler has methods on `/schedules/<name>`. */
function operationOf(request: IncomingMessage): string {
  const target = request.headers['x-amz-target'];
  if (target) return String(target).split('.').at(-1)!;
  return { POST: 'CreateSchedule', PUT: 'UpdateSchedule', DELETE: 'DeleteSchedule' }[request.method!]!;
}

async function inputOf(request: IncomingMessage): Promise<Record<string, string>> {
  const [, name] = /^\/schedules\/([^?]+)/.exec(request.url!) ?? [];
  const body = (await text(request)) || '{}';
  return { ...JSON.parse(body), ...(name && { Name: decodeURIComponent(name) }) };
}

const executionArn = ({ name, machine = 'orders' }: Pick<FakeExecution, 'name' | 'machine'>) =>
  `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;
