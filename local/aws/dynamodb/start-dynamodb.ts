import type { Service } from '../../engine/ports.ts';
import { createJsonClient } from '../event-sources/json-client.ts';
import type { DeliveredUpTo } from '../event-sources/stream-checkpoints.ts';
import { createTables } from './create-tables.ts';
import { startDynoxide } from './dynoxide.ts';
import { type DynamoDbEnvironment, findDynamoDb } from './find-binary.ts';
import type { TableSpec } from './table-spec.ts';
import { trimStreams } from './trim-streams.ts';

export interface DynamoDb extends Service {
  endpoint: string;
  /** ARN of a table's stream, by table name. */
  streamArns: Map<string, string>;
  /** Forgets what is too old and delivered, if the server is ours. Call it before anybody writes. */
  trimStreams(deliveredUpTo: DeliveredUpTo): void;
  /** Of the process group; `undefined` when it is not ours. */
  readonly pid: number | undefined;
  /** Rejects when DynamoDB is gone for good. */
  failed: Promise<never>;
}

/** DynamoDB with the tables of the template: a child process on the state folder, or the emulator that the environment names. */
export async function startDynamoDb(options: {
  environment: DynamoDbEnvironment;
  directory: string;
  port: number;
  tables: TableSpec[];
  warn(message: string): void;
}): Promise<DynamoDb> {
  const { tables, ...rest } = options;
  const found = findDynamoDb(options.environment);
  const server = 'binary' in found ? await startDynoxide({ binary: found.binary, ...rest }) : undefined;
  const endpoint = 'endpoint' in found ? found.endpoint : `http://127.0.0.1:${options.port}`;
  try {
    using client = createJsonClient(endpoint, 'DynamoDB_20120810');
    const streamArns = await createTables(client, tables);
    return {
      name: 'DynamoDB',
      endpoint,
      streamArns,
      get pid() {
        return server?.pid;
      },
      trimStreams(deliveredUpTo) {
        try {
          if (server) trimStreams(server.databaseFile, { deliveredUpTo });
        } catch (error) {
          options.warn(`Old records stay in the streams of DynamoDB: ${error}`);
        }
      },
      failed: server?.failed ?? new Promise<never>(() => {}),
      stop: async () => await server?.stop(),
    };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}
