import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface FakeExecution {
  name: string;
  stateMachineArn: string;
  input: string;
  status: string;
  startDate: number;
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
 * and Secrets Manager. Speaks the wire protocol, so that the real SDK is under test. The environment of this process is
 * pointed at it: call it before the modules under test are imported.
 */
export async function startFakeAws() {
  const executions = new Map<string, FakeExecution>();
  /** Task tokens that somebody waits with; a token that was used up or timed out is not in it. */
  const openTokens = new Set<string>();
  const deliveries: Delivery[] = [];
  const secrets = new Map<string, string>();
  const calls: string[] = [];
  /** Errors to answer with, per operation, oldest first. */
  const failures = new Map<string, string[]>();

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
      return { executionArn: executionArn(name!), startDate };
    },
    DescribeExecution(input) {
      const known = [...executions.values()].find(({ name }) => executionArn(name) === input.executionArn);
      if (!known) throw new Refusal('ExecutionDoesNotExist');
      return { ...known, executionArn: input.executionArn };
    },
    SendTaskSuccess: ({ taskToken, output }) => deliver({ token: taskToken!, output: JSON.parse(output!) }),
    SendTaskFailure: ({ taskToken, error, cause }) => deliver({ token: taskToken!, error: error!, cause: cause! }),
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
    const operation = String(request.headers['x-amz-target']).split('.').at(-1)!;
    calls.push(operation);
    response.setHeader('content-type', request.headers['content-type'] ?? 'application/x-amz-json-1.0');
    try {
      const input = await bodyOf(request);
      const failure = failures.get(operation)?.shift();
      if (failure) throw new Refusal(failure);
      response.end(JSON.stringify(operations[operation]!(input)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.statusCode = 400;
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
    AWS_MAX_ATTEMPTS: '1',
    STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orders:live',
    CALLBACK_BASE_URL: 'https://api.example.com',
    CALLBACK_KEYS_SECRET_ARN: 'callback-keys',
    CARRIER_WEBHOOK_SECRET_ARN: 'carrier-webhook',
    WAREHOUSE_EMAIL: 'warehouse@example.com',
    SUPERVISOR_EMAIL: 'supervisor@example.com',
    OPERATOR_EMAIL: 'operator@example.com',
  });

  return {
    executions,
    openTokens,
    deliveries,
    secrets,
    calls,
    failures,
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

const bodyOf = async (request: IncomingMessage) => (await json(request)) as Record<string, string>;

const executionArn = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:orders:${name}`;
