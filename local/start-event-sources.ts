import { startDynamoDbStream } from './aws/event-sources/dynamodb-streams.ts';
import { startSqsSource } from './aws/event-sources/sqs.ts';
import type { LambdaHost } from './aws/lambda/host.ts';
import type { Checkpoints } from './engine/checkpoints.ts';
import type { MovableClock } from './engine/clock.ts';
import type { Faults } from './faults/faults.ts';
import type { ServiceList } from './service-list.ts';
import { eventSourceMappings } from './template/event-source-mappings.ts';
import type { Assembly } from './template/load-assembly.ts';

export interface EventSourceSurroundings {
  host: LambdaHost;
  faults: Pick<Faults, 'functions' | 'streamFunction' | 'queueDelivery'>;
  clock: MovableClock;
  checkpoints: Checkpoints;
  dynamodbEndpoint: string;
  queuesEndpoint: string;
  queueUrl(queueArn: string): string;
  sendMessage(queueArn: string, body: string): Promise<void>;
  warn(message: string): void;
}

/** Starts everything that calls functions because something came: streams and queues. Moved time waits until they are done. */
export async function startEventSources(
  assembly: Assembly,
  { host, faults, clock, checkpoints, dynamodbEndpoint, queuesEndpoint, queueUrl, sendMessage, warn }: EventSourceSurroundings,
  services: ServiceList,
): Promise<void> {
  const mappings = eventSourceMappings(assembly);
  const common = { clock, warn };
  const [streams, queues] = await Promise.all([
    Promise.all(
      mappings.streams.map((mapping) =>
        startDynamoDbStream({
          ...{ ...common, mapping, endpoint: dynamodbEndpoint, checkpoints, sendMessage },
          invoker: faults.streamFunction(mapping),
        }),
      ),
    ),
    Promise.all(
      mappings.queues.map((mapping) =>
        startSqsSource({
          ...{ ...common, mapping, endpoint: queuesEndpoint, queueUrl: queueUrl(mapping.eventSourceArn) },
          invoker: faults.functions('queue'),
          takeOver: faults.queueDelivery(mapping),
        }),
      ),
    ),
  ]);
  for (const source of [...streams, ...queues]) {
    services.add(source.name, source, (one) => one.stop());
    clock.settleWith(() => source.settle());
  }
  clock.settleWith(() => host.settle());
  // What a function wrote may be in a stream by now. A function is told the tables that it writes to; of others the next poll finds it.
  host.onCompleted((functionName) => {
    const told = Object.values(host.functions.get(functionName)?.environment ?? {});
    for (const stream of streams) if (told.some((value) => value.includes(stream.tableName))) stream.notify();
  });
}
