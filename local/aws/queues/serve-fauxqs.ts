import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { buildApp } from 'fauxqs';
import { whyForeignToBuckets } from '../../foreign-request.ts';
import type { QueueSpec } from './queue-spec.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

/** What fauxqs keeps to itself, as far as it is used here (2.4.1, pinned). */
interface Persistence {
  db: { exec(sql: string): void; prepare(sql: string): { run(...values: unknown[]): unknown } };
  load(...stores: [Stores['sqsStore'], Stores['snsStore'], Stores['s3Store']]): void;
  /** Called in the turn in which a message enters a queue, wherever it comes from: a sender, or another queue's redrive policy. */
  insertMessage(queueName: string, message: unknown): void;
  updateMessageReady(messageId: string): void;
  close(): void;
}

interface Reply {
  code(status: number): { send(answer: object): Reply };
}

export interface QueuesSettings {
  directory: string;
  port: number;
  region: string;
  queues: QueueSpec[];
  buckets: string[];
  /** Its first element counts the messages that entered a queue, for who shares the memory. */
  entered?: Int32Array;
}

/** Loads the modules of fauxqs, which takes most of its start. */
export async function loadFauxqs() {
  // Its export map has the whole only; the parts are files beside it.
  const entry = import.meta.resolve('fauxqs');
  const part = (path: string) => import(new URL(path, entry).href);
  const [app, persistence, sqs, sns, s3] = await Promise.all([
    import('fauxqs'),
    part('persistence.js'),
    part('sqs/sqsStore.js'),
    part('sns/snsStore.js'),
    part('s3/s3Store.js'),
  ]);
  return { ...app, ...persistence, ...sqs, ...sns, ...s3 };
}

/**
 * Runs fauxqs with SQLite persistence, put together from its parts instead of by its own `startFauxqs`, because that one listens on
 * all interfaces, and for four details:
 * - a receiver that went away while it waited gets no message any more, which would then be hidden for nobody;
 * - a message that is made visible again at once must not lose its receive count (`ChangeMessageVisibility` 0 fails otherwise);
 * - queue URLs name the address that is really listened on;
 * - what was in flight when the runtime died is visible at once, and that delivery does not count: its receiver died of
 *   something else than the message, and repeated kills must not carry a healthy message into the dead-letter queue.
 */
export async function serveFauxqs(
  { buildApp: build, PersistenceManager, SqsStore, SnsStore, S3Store }: Awaited<ReturnType<typeof loadFauxqs>>,
  { directory, port, region, queues, buckets, entered }: QueuesSettings,
) {
  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const persistence: Persistence = new PersistenceManager(directory);
  persistence.db.exec(
    `UPDATE sqs_messages SET approximate_receive_count = max(approximate_receive_count - 1, 0)
     WHERE receipt_handle IS NOT NULL;
     UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL`,
  );
  const ready = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => void ready.run(messageId);
  const insertMessage = persistence.insertMessage.bind(persistence);
  persistence.insertMessage = (queueName, message) => {
    insertMessage(queueName, message);
    if (entered) Atomics.add(entered, 0, 1);
  };

  // Before persistence is attached: loading must not write.
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = persistence as never;
  stores.s3Store.persistence = persistence as never;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence as never;

  const app = build({ logger: false, defaultRegion: region, stores });
  app.addHook('onRequest', async ({ raw }: { raw: IncomingMessage }, reply: Reply) => {
    const foreign = whyForeignToBuckets(raw.method ?? '', raw.headers);
    if (foreign) return reply.code(403).send({ __type: 'AccessDeniedException', message: foreign });
  });
  app.addHook('preHandler', async (request: { body: unknown }, { raw }: { raw: ServerResponse }) => {
    const { QueueUrl } = (request.body ?? {}) as { QueueUrl?: unknown };
    if (typeof QueueUrl !== 'string') return;
    raw.once('close', () => {
      // The others who wait for this queue get an empty answer and ask again.
      if (!raw.writableFinished) stores.sqsStore.getQueue(QueueUrl)?.cancelWaiters();
    });
  });
  // An empty host makes URLs of the host that was asked.
  stores.sqsStore.host = '';
  await app.listen({ port, host: '127.0.0.1' });
  const actualPort = (app.server.address() as AddressInfo).port;
  const urlOf = (name: string) => `http://127.0.0.1:${actualPort}/000000000000/${name}`;
  for (const queue of stores.sqsStore.allQueues()) Object.assign(queue, { url: urlOf(queue.name) });
  for (const { name, attributes } of queues) {
    const existing = stores.sqsStore.getQueueByName(name);
    // An empty policy takes away one that the template had before.
    if (existing) existing.setAttributes({ RedrivePolicy: '', ...attributes });
    else stores.sqsStore.createQueue(name, urlOf(name), `arn:aws:sqs:${region}:000000000000:${name}`, attributes);
  }
  for (const bucket of buckets) if (!stores.s3Store.hasBucket(bucket)) stores.s3Store.createBucket(bucket);
  return {
    port: actualPort,
    async stop() {
      await app.close();
      persistence.close();
    },
  };
}
