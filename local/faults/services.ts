/** The AWS services that functions ask: how a request of each is told apart, and how each says that it is throttled or broken. */
import type { BoundaryName } from './boundaries.ts';
import { callName, keyName, lasting } from './call-name.ts';

export interface ServiceRequest {
  method: string;
  /** Without query. */
  path: string;
  /** `DynamoDB_20120810.PutItem`; undefined for services that are asked by method and path. */
  target: string | undefined;
  body: string;
}

export interface RequestName {
  operation: string;
  tables?: string[];
  queue?: string;
  /** What the request is about. */
  subject: string;
}

export interface FaultyService {
  at: BoundaryName;
  name(request: ServiceRequest, keysOf: KeysOf): RequestName;
  throttled: ServiceFailure;
  broken: ServiceFailure;
}

export interface ServiceFailure {
  status: number;
  code: string;
  message: string;
}

/** Names of a table's key attributes; undefined for a table that is not of the template. */
export type KeysOf = (table: string) => readonly string[] | undefined;

const failure = (status: number, code: string, message: string): ServiceFailure => ({ status, code, message });

/** By the SDK's service id in capitals, as in AWS_ENDPOINT_URL_<id>. */
export const faultyServices: Readonly<Record<string, FaultyService>> = {
  DYNAMODB: {
    at: 'dynamodb',
    name: dynamoDbRequest,
    throttled: failure(
      400,
      'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    ),
    broken: failure(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 'Internal server error'),
  },
  SFN: {
    at: 'step-functions',
    name: ({ target, body }) => ({ operation: operationOf(target), subject: lasting(body) }),
    throttled: failure(400, 'ThrottlingException', 'Rate exceeded'),
    broken: failure(500, 'InternalServerException', 'Internal server error'),
  },
  SQS: {
    at: 'sqs',
    name({ target, body }) {
      const { QueueUrl = '', ...input } = parse(body) as { QueueUrl?: string };
      const queue = QueueUrl.split('/').at(-1) ?? '';
      return { operation: operationOf(target), queue, subject: `${queue} ${lasting(JSON.stringify(input))}` };
    },
    throttled: failure(403, 'com.amazonaws.sqs#RequestThrottled', 'The request was denied due to request throttling.'),
    broken: failure(500, 'InternalFailure', 'The request processing has failed because of an unknown error.'),
  },
  SECRETS_MANAGER: {
    at: 'secrets-manager',
    name({ target, body }) {
      const { SecretId, ...input } = parse(body) as { SecretId?: string };
      return { operation: operationOf(target), subject: SecretId ?? lasting(JSON.stringify(input)) };
    },
    throttled: failure(400, 'ThrottlingException', 'Rate exceeded'),
    broken: failure(500, 'InternalServiceError', 'An error occurred on the server side.'),
  },
  SESV2: {
    at: 'ses',
    name: byPath([[/^POST \/v2\/email\/outbound-emails$/, 'SendEmail']]),
    throttled: failure(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'),
    broken: failure(500, 'InternalServiceErrorException', 'Internal server error'),
  },
  SCHEDULER: {
    at: 'scheduler',
    name: byPath([
      [/^POST \/schedules\/[^/]+$/, 'CreateSchedule'],
      [/^PUT \/schedules\/[^/]+$/, 'UpdateSchedule'],
      [/^GET \/schedules\/[^/]+$/, 'GetSchedule'],
      [/^DELETE \/schedules\/[^/]+$/, 'DeleteSchedule'],
      [/^GET \/schedules$/, 'ListSchedules'],
    ]),
    throttled: failure(429, 'ThrottlingException', 'Rate exceeded'),
    broken: failure(500, 'InternalServerException', 'Internal server error'),
  },
  LAMBDA: {
    at: 'lambda-api',
    name: byPath([
      [/^POST \/2015-03-31\/functions\/[^/]+\/invocations$/, 'Invoke'],
      [/^GET \/2015-03-31\/functions\/[^/]+$/, 'GetFunction'],
      [/^GET \/2015-03-31\/functions\/?$/, 'ListFunctions'],
    ]),
    throttled: failure(429, 'TooManyRequestsException', 'Rate Exceeded.'),
    broken: failure(500, 'ServiceException', 'The Lambda service had an internal error.'),
  },
  S3: {
    at: 's3',
    name: byPath([
      [/^PUT \/[^/]+\/.+$/, 'PutObject'],
      [/^GET \/[^/]+\/.+$/, 'GetObject'],
      [/^HEAD \/[^/]+\/.+$/, 'HeadObject'],
      [/^DELETE \/[^/]+\/.+$/, 'DeleteObject'],
      [/^GET \/[^/]+\/?$/, 'ListObjectsV2'],
    ]),
    throttled: failure(503, 'SlowDown', 'Please reduce your request rate.'),
    broken: failure(500, 'InternalError', 'We encountered an internal error. Please try again.'),
  },
};

const operationOf = (target: string | undefined) => target?.split('.').at(-1) ?? 'unknown';

/** Services that are asked by method and path; what is not listed is named by them. */
function byPath(operations: readonly [RegExp, string][]): FaultyService['name'] {
  return ({ method, path, body }) => {
    const line = `${method} ${path}`;
    const operation = operations.find(([pattern]) => pattern.test(line))?.[1] ?? line;
    return { operation, subject: callName(decodeURIComponent(path), body.length < 100_000 ? lasting(body) : '') };
  };
}

function dynamoDbRequest({ target, body }: ServiceRequest, keysOf: KeysOf): RequestName {
  const operation = operationOf(target);
  const touched = touchedItems(operation, parse(body), keysOf);
  const tables = [...new Set(touched.map(({ table }) => table))];
  return { operation, tables, subject: touched.map(({ table, item }) => `${table} ${item}`).join(', ') };
}

interface TouchedItem {
  table: string;
  /** Its key, or what is asked for. */
  item: string;
}

/** Every table that a request touches, with the key of each item as far as the request says it. */
function touchedItems(operation: string, input: Input, keysOf: KeysOf): TouchedItem[] {
  const one = ({ TableName: table = '', Key, Item, ...rest }: Input): TouchedItem => ({
    table,
    item: Key ? keyName(Key) : Item ? keyName(keyIn(Item, keysOf(table))) : asked(rest),
  });
  if (operation.startsWith('Transact')) {
    return (input.TransactItems ?? []).flatMap((action: object) => Object.values(action).map(one));
  }
  if (!operation.startsWith('Batch')) return [one(input)];
  return Object.entries(input.RequestItems ?? {}).flatMap(([TableName, requests]) => {
    const list: Input[] = Array.isArray(requests) ? requests : ((requests as Input).Keys ?? []).map((Key) => ({ Key }));
    return list.map((request) => one({ ...request, ...request.PutRequest, ...request.DeleteRequest, TableName }));
  });
}

interface Input {
  TableName?: string;
  Key?: object;
  Item?: Record<string, unknown>;
  Keys?: object[];
  TransactItems?: object[];
  RequestItems?: Record<string, unknown>;
  PutRequest?: Input;
  DeleteRequest?: Input;
  IndexName?: string;
  ExpressionAttributeValues?: object;
}

const keyIn = (item: Record<string, unknown>, keys: readonly string[] | undefined) =>
  keys ? Object.fromEntries(keys.map((key) => [key, item[key] ?? {}])) : item;

/** A query or a scan is known by its index and values. */
const asked = ({ IndexName, ExpressionAttributeValues: values }: Input) =>
  callName(IndexName, values && keyName(values));

function parse(body: string): Input {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}
