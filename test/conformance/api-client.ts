import { Agent, request } from 'node:http';

/** An error answer of a service. */
export class ApiError extends Error {
  readonly code: string;
  readonly operation: string;
  readonly statusCode: number;
  /** The modelled members of the answer. */
  readonly members: Record<string, unknown>;

  constructor(operation: string, statusCode: number, body: Record<string, unknown>) {
    const { __type = 'Unknown', ...members } = body;
    super(String(members.message ?? members.Message ?? ''));
    this.code = String(__type).split('#').at(-1)!;
    this.operation = operation;
    this.statusCode = statusCode;
    this.members = members;
  }
}

/** For those who answer tokens: one may have been answered already, or be that of a task that is over. */
export function toleratedRefusal(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
}

export interface ApiClient extends Disposable {
  /** `stepfunctions.startExecution`; answers what the AWS SDK for Python would: times are dates. Throws ApiError. */
  call(operation: string, params: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Moves the runtime's time and answers when everything that became due was handed out. */
  advance(seconds: number): Promise<void>;
}

const targets: Record<string, string> = {
  stepfunctions: 'AWSStepFunctions',
  sqs: 'AmazonSQS',
  dynamodb: 'DynamoDB_20120810',
};

/** Members of Step Functions' answers that are times: seconds since the epoch on the wire. */
const times = new Set(['creationDate', 'startDate', 'stopDate', 'updateDate', 'redriveDate', 'timestamp']);

/** Some servers want to see a signature, though none checks it. */
const unchecked = {
  'x-amz-date': '20000101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20000101/us-east-1/local/aws4_request, SignedHeaders=host, Signature=0',
};

interface Answer {
  statusCode: number;
  text: string;
}

/** Plain HTTP, so that what is sent and compared are the very texts. */
export function createApiClient(endpoint: string): ApiClient {
  const agent = new Agent({ keepAlive: true });

  function send(method: string, path: string, headers: Record<string, string>, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, endpoint),
        { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({ statusCode: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async function putIntoBucket(operation: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    const path = ['', params.Bucket, params.Key].filter((part) => part !== undefined).join('/');
    const { statusCode, text } = await send('PUT', path, unchecked, String(params.Body ?? ''));
    if (statusCode !== 200) throw new ApiError(operation, statusCode, { message: text });
    return { ResponseMetadata: metadata(statusCode) };
  }

  return {
    async call(api, params) {
      const [service = '', operation = ''] = api.split('.');
      const name = operation.replace(/^./, (letter) => letter.toUpperCase());
      if (service === 's3') return putIntoBucket(name, params);
      const target = targets[service];
      if (target === undefined) throw new Error(`There is no service ${service}.`);
      const headers = {
        ...unchecked,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${target}.${name}`,
      };
      const { statusCode, text } = await send('POST', '/', headers, JSON.stringify(params));
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      if (statusCode !== 200) throw new ApiError(name, statusCode, body);
      const answer = service === 'stepfunctions' ? withDates(body) : body;
      return { ...(answer as Record<string, unknown>), ResponseMetadata: metadata(statusCode) };
    },
    async advance(seconds) {
      const headers = { 'content-type': 'application/json' };
      const { statusCode, text } = await send('POST', '/_local/clock', headers, `{"advance":"${seconds}s"}`);
      if (statusCode !== 200) throw new Error(`The clock does not move: ${text}`);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

export function metadata(statusCode: number): object {
  return { HTTPHeaders: {}, HTTPStatusCode: statusCode };
}

function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isTime = times.has(name) && typeof member === 'number';
      return [name, isTime ? new Date(member * 1000) : withDates(member)];
    }),
  );
}
