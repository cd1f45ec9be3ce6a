import { join } from 'node:path';
import { startDynamoDb } from './aws/dynamodb/start-dynamodb.ts';
import { tableSpecs } from './aws/dynamodb/table-spec.ts';
import { queueSpecs } from './aws/queues/queue-spec.ts';
import { type prepareQueues, startQueues } from './aws/queues/start-queues.ts';
import type { RuntimeFile } from './runtime-file.ts';
import type { ServiceList } from './service-list.ts';
import type { Assembly } from './template/load-assembly.ts';

export interface EmulatorOptions {
  stateDir: string;
  ports: RuntimeFile['ports'];
  /** What `prepareQueues` gave. */
  queues: ReturnType<typeof prepareQueues>;
  warn(message: string): void;
}

/** The process with the tables, and the thread with queues and buckets. */
export function startEmulators(assembly: Assembly, options: EmulatorOptions, services: ServiceList) {
  const { stateDir, ports, queues, warn } = options;
  return services.startAll({
    dynamodb: startDynamoDb({
      environment: process.env,
      directory: join(stateDir, 'dynamodb'),
      port: ports.dynamodb,
      tables: tableSpecs(assembly),
      warn,
    }),
    queues: startQueues(
      {
        directory: join(stateDir, 'queues'),
        port: ports.queues,
        region: assembly.place.region,
        queues: queueSpecs(assembly),
        buckets: assembly.ofType('AWS::S3::Bucket').map(({ logicalId }) => assembly.ref(logicalId)),
      },
      queues,
    ),
  });
}
