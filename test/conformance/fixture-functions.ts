import { randomUUID } from 'node:crypto';
import type { LambdaPorts } from '../../local/aws/tasks/lambda-invoke.ts';
import type { Clock, FunctionResult } from '../../local/engine/ports.ts';
import { ServiceError } from '../../local/engine/ports.ts';
import type { Fixtures } from './case-format.ts';
import { parseKeepingNumbers, pythonJson } from './exact-json.ts';

/** Stands in for the Lambda service: functions are created by name with one of the described behaviours. */
export interface FixtureFunctions {
  invoke: LambdaPorts['functions']['invoke'];
  create(functionName: string, behaviour: string): void;
}

type Behaviour = (payload: string, sleep: (seconds: number) => Promise<void>) => Promise<string> | string;

/** Behaviours that depend on the event, or are too large to be spelled out in the fixtures. */
const computed: Record<string, Behaviour> = {
  identity: (payload) => pythonJson(parseKeepingNumbers(payload), { escapeNonAscii: false }),
  largeOutput: () => 'a'.repeat(257 * 1024),
  async sleep60ThenIdentity(payload, sleep) {
    await sleep(60);
    return pythonJson(parseKeepingNumbers(payload), { escapeNonAscii: false });
  },
  apiGatewayFailFlag(payload) {
    const { body = '{}' } = JSON.parse(payload) as { body?: string };
    const failed = Boolean((JSON.parse(body) as { fail?: unknown }).fail);
    return pythonJson({ statusCode: 200, body: failed ? '{"errors": ["Errors.Failure"]}' : '{"hello": "world"}' });
  },
};

export function createFixtureFunctions(fixtures: Fixtures, clock: Clock): FixtureFunctions {
  const functions = new Map<string, string>();

  async function run(behaviour: string, payload: string): Promise<Pick<FunctionResult, 'payload' | 'functionError'>> {
    const compute = computed[behaviour];
    if (compute)
      return { payload: await compute(payload, (seconds) => sleepUntil(clock, clock.now() + seconds * 1000)) };
    const described = fixtures.lambdas[behaviour];
    if (described?.errorPayload) {
      const error = { ...described.errorPayload, requestId: randomUUID() };
      return { functionError: 'Unhandled', payload: pythonJson(inOrder(described.errorPayload, error)) };
    }
    if (described?.result === undefined) throw new Error(`The fixtures do not say what ${behaviour} does.`);
    return { payload: described.result };
  }

  return {
    create(functionName, behaviour) {
      functions.set(functionName, behaviour);
    },
    async invoke(nameOrArn, payload, options = {}) {
      const name = nameOrArn.replace(/^arn:[^:]+:lambda:[^:]*:\d+:function:/, '').split(':', 1)[0]!;
      const behaviour = functions.get(name);
      if (behaviour === undefined) {
        const arn = `arn:aws:lambda:us-east-1:111111111111:function:${name}:$LATEST`;
        throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
      }
      const result = await run(behaviour, payload);
      const requestId = randomUUID();
      const log = options.logTail ? { logTail: `START RequestId: ${requestId} Version: $LATEST\n` } : {};
      return { statusCode: 200, executedVersion: '$LATEST', requestId, ...result, ...log };
    },
  };
}

/** Members in the order of the description. */
function inOrder(order: object, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(order).map((key) => [key, values[key]]));
}

function sleepUntil(clock: Clock, dueAt: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(dueAt, resolve);
  });
}
