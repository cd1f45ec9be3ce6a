import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../../engine/ports.ts';
import { readText } from '../../../read-text.ts';
import type { LambdaOperation } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const invoke: LambdaOperation = async ({ host, asynchronous }, { parameter: name, query, request }) => {
  const qualifier = query.get('Qualifier') ?? undefined;
  const body = await readPayload(request);
  const payload = body === '' ? '{}' : body;
  assertJson(payload);
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') {
    host.resolve(name, qualifier);
    return { status: 204 };
  }
  if (type === 'Event') {
    const { requestId } = await asynchronous.accept(name, payload, qualifier);
    return { status: 202, headers: { 'x-amzn-RequestId': requestId } };
  }
  if (type !== 'RequestResponse') {
    throw new ServiceError(
      'InvalidParameterValueException',
      `Value '${type}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
    );
  }
  const clientContext = decodeClientContext(request.headers['x-amz-client-context']);
  const result = await host.invoke(name, payload, {
    ...(qualifier && { qualifier }),
    ...(clientContext && { clientContext }),
    logTail: request.headers['x-amz-log-type'] === 'Tail',
  });
  return {
    status: 200,
    body: result.payload,
    headers: {
      'x-amzn-RequestId': result.requestId,
      'X-Amz-Executed-Version': result.executedVersion,
      ...(result.functionError && { 'X-Amz-Function-Error': result.functionError }),
      ...(result.logTail !== undefined && { 'X-Amz-Log-Result': Buffer.from(result.logTail).toString('base64') }),
    },
  };
};

async function readPayload(request: IncomingMessage): Promise<string> {
  const payload = await readText(request, 6_291_456);
  if (payload !== undefined) return payload;
  throw new ServiceError(
    'RequestTooLargeException',
    'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    413,
  );
}

function assertJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const { message } = error as Error;
    throw new ServiceError('InvalidRequestContentException', `Could not parse request body into json: ${message}`);
  }
}

function decodeClientContext(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  const text = Buffer.from(header, 'base64').toString();
  assertJson(text);
  return text;
}
