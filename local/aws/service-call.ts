import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { ServiceError } from '../engine/ports.ts';

/** A service that answers AWS JSON 1.0 at one address. Throws `ServiceError` with its code. */
export type ServiceCall = <Output = Record<string, unknown>>(operation: string, input: object) => Promise<Output>;

/**
 * The runtime's own calls to the emulators. Not the AWS SDK: a client takes 130 ms to load, and start-up is measured.
 * `service`: the first half of X-Amz-Target (`DynamoDB_20120810`) and the signing name, which the emulators look at.
 */
export function createServiceCall(endpoint: string, service: { target: string; signingName: string; region: string }) {
  const agent = new Agent({ keepAlive: true });
  const authorization = `AWS4-HMAC-SHA256 Credential=local/20200101/${service.region}/${service.signingName}/aws4_request, SignedHeaders=host, Signature=0`;
  const call: ServiceCall = async (operation, input) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ statusCode: number; body: string }>();
    const outgoing = request(
      endpoint,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `${service.target}.${operation}`,
          'x-amz-date': '20200101T000000Z',
          authorization,
        },
      },
      async (response) => resolve({ statusCode: response.statusCode!, body: await text(response) }),
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(input));
    const { statusCode, body } = await promise;
    const output = JSON.parse(body || '{}');
    if (statusCode === 200) return output;
    const code = String(output.__type ?? 'UnknownError').replace(/^.*#/, '');
    throw new ServiceError(code, output.message ?? output.Message ?? body, statusCode);
  };
  return { call, close: () => agent.destroy() };
}
