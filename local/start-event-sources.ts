import { startDynamoDbStream } from './aws/event-sources/dynamodb-streams.ts';
import { type MappingSwitches, openMappingSwitches } from './aws/event-sources/mapping-switches.ts';
import { startSqsSource } from './aws/event-sources/sqs.ts';
import type { LambdaHost } from './aws/lambda/host.ts';
import type { Checkpoints } from './engine/checkpoints.ts';
import type { MovableClock } from './engine/clock.ts';
import type { Faults } from './faults/faults.ts';
import type { ServiceList } from './service-list.ts';
import { eventSourceMappings, type TemplateMapping } from './template/event-source-mappings.ts';
import type { Assembly } from './template/load-assembly.ts';

export interface EventSourceSurroundings {
  host: LambdaHost;
  faults: Pick<Faults, 'functions' | 'streamFunction' | 'queueDelivery'>;
  clock: MovableClock;
  checkpoints: Checkpoints;
  dynamodbEndpoint: string;
  queuesEndpoint: string;
  /** How many messages have entered a queue. */
  messagesEntered(): number;
  queueUrl(queueArn: string): string;
  sendMessage(queueArn: string, body: string): Promise<void>;
  warn(message: string): void;
}

export interface EventSources {
  switches: MappingSwitches;
  /** Something may have been written to tables: the streams are looked into before time moves on. */
  doubtStreams(): void;
}

/** Starts everything that calls functions because something came: streams and queues. Moved time waits until they are done. */
export async function startEventSources(
  assembly: Assembly,
  {
    host,
    faults,
    clock,
    checkpoints,
    dynamodbEndpoint,
    queuesEndpoint,
    messagesEntered,
    queueUrl,
    sendMessage,
    warn,
  }: EventSourceSurroundings,
  services: ServiceList,
): Promise<EventSources> {
  const mappings = eventSourceMappings(assembly);
  const switches = openMappingSwitches(checkpoints, clock);
  const common = ({ uuid, mapping, enabled }: TemplateMapping) => {
    return { ...{ mapping, clock, warn }, enabled: switches.register(uuid, mapping, enabled) };
  };
  const [streams, queues] = await Promise.all([
    Promise.all(
      mappings.streams.map(async (one) => {
        const invoker = faults.streamFunction(one.mapping);
        const options = { ...common(one), invoker, endpoint: dynamodbEndpoint, checkpoints, sendMessage };
        const source = await startDynamoDbStream(options);
        switches.attach(one.uuid, source);
        return source;
      }),
    ),
    Promise.all(
      mappings.queues.map(async (one) => {
        const source = await startSqsSource({
          ...common(one),
          endpoint: queuesEndpoint,
          queueUrl: queueUrl(one.mapping.eventSourceArn),
          entered: messagesEntered,
          invoker: faults.functions('queue'),
          takeOver: faults.queueDelivery(one.mapping),
        });
        switches.attach(one.uuid, source);
        return source;
      }),
    ),
  ]);
  for (const source of [...streams, ...queues]) {
    services.add(source.name, source, (one) => one.stop());
    clock.settleWith((thorough) => source.settle(thorough));
  }
  clock.settleWith(() => host.settle());
  const doubtStreams = () => {
    for (const stream of streams) stream.doubt();
  };
  // What a function wrote may be in a stream by now. A function is told the tables that it writes to; of others the next poll finds it.
  host.onCompleted((functionName) => {
    doubtStreams();
    const told = Object.values(host.functions.get(functionName)?.environment ?? {});
    for (const stream of streams) if (told.some((value) => value.includes(stream.tableName))) stream.notify();
  });
  return { switches, doubtStreams };
}
