import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CannotStart } from '../../cannot-start.ts';
import type { Service } from '../../engine/ports.ts';
import type { QueuesSettings } from './serve-fauxqs.ts';

export interface Queues extends Service {
  endpoint: string;
  port: number;
  /** How many messages have entered a queue since the start; read from shared memory, so that it may be asked all the time. */
  entered(): number;
  /** Rejects when the queues are gone. */
  failed: Promise<never>;
}

type Message = { port: number } | { message: string; code?: string; errcode?: number };

/** SQLite's own codes for a file that is not a database or not a whole one. */
const DAMAGED = new Set([11, 26]);

/** Begins to load what the queues need, before it is known which queues there are. Does not keep the process alive. */
export function prepareQueues(): Worker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  worker.unref();
  return worker;
}

/** SQS and S3 with the queues and buckets of the template, on the state folder. */
export async function startQueues(
  settings: Omit<QueuesSettings, 'entered'>,
  worker = prepareQueues(),
): Promise<Queues> {
  worker.ref();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  worker.on('error', (error) => failure.reject(new CannotStart(`The queues ended: ${error.message}.`)));
  worker.on('exit', () => failure.reject(new CannotStart('The queues ended by themselves.')));
  const entered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  worker.postMessage({ ...settings, entered } satisfies QueuesSettings);
  const [message] = (await Promise.race([once(worker, 'message'), failure.promise])) as [Message];
  if ('message' in message) {
    worker.removeAllListeners('exit');
    await worker.terminate();
    if (message.code === 'EADDRINUSE')
      throw new CannotStart(`Port ${settings.port} for SQS and S3 is in use by another program.`);
    const damaged = DAMAGED.has(message.errcode ?? 0) ? 'The state folder is damaged: ' : '';
    throw new CannotStart(`${damaged}The queues in ${settings.directory} cannot be opened: ${message.message}.`);
  }
  return {
    name: 'SQS and S3',
    endpoint: `http://127.0.0.1:${message.port}`,
    port: message.port,
    entered: () => Atomics.load(entered, 0),
    failed: failure.promise,
    async stop() {
      worker.removeAllListeners('exit');
      const exited = once(worker, 'exit');
      worker.postMessage('stop');
      await exited;
    },
  };
}
