/** Calls to services that speak AWS JSON 1.0 and do not check signatures: the emulators of the local runtime. */
import { Agent, request } from 'node:http';

/** An error answer; `name` is its code without the namespace. */
export class JsonServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export interface JsonClient extends Disposable {
  /** `operation`: `GetRecords`. Throws JsonServiceError, or what the connection throws. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the service's, known at each call
  call(operation: string, input: object, signal?: AbortSignal): Promise<any>;
}

/**
 * `targetPrefix`: `DynamoDBStreams_20120810`. Used where the SDK would cost more than the call: these run all the time, and loading
 * two more SDK clients would delay every start by 200 ms.
 */
export function createJsonClient(endpoint: string, targetPrefix: string): JsonClient {
  const agent = new Agent({ keepAlive: true });
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    // They want one to be there.
    authorization:
      'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/local/aws4_request, SignedHeaders=host, Signature=local',
    'x-amz-date': '20260101T000000Z',
  };
  return {
    call(operation, input, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const body = Buffer.from(JSON.stringify(input));
      const call = request(endpoint, {
        method: 'POST',
        agent,
        headers: { ...headers, 'x-amz-target': `${targetPrefix}.${operation}`, 'content-length': body.length },
        ...(signal && { signal }),
      });
      call.on('error', reject);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          try {
            const text = Buffer.concat(chunks).toString();
            const answer = text === '' ? {} : JSON.parse(text);
            if (response.statusCode === 200) resolve(answer);
            else reject(errorOf(response.statusCode, answer));
          } catch (error) {
            reject(error);
          }
        });
      });
      call.end(body);
      return promise;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function errorOf(status: number | undefined, answer: { __type?: string; message?: string; Message?: string }): Error {
  const name = answer.__type?.split('#').at(-1) ?? `HTTP ${status}`;
  return new JsonServiceError(name, answer.message ?? answer.Message ?? name);
}
