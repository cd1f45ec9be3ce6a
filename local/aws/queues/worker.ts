/** The thread in which the queues run: their commits to disk do not hold up the thread that runs the processes. */
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { loadFauxqs, type QueuesSettings, serveFauxqs } from './serve-fauxqs.ts';

const port = parentPort!;
// Keeps the thread alive until the port is closed, whatever is being waited for.
port.on('message', () => {});
try {
  // The settings come later than the thread: it loads its modules while the runtime is still finding out what to start.
  const received = once(port, 'message');
  const fauxqs = await loadFauxqs();
  const [settings] = (await received) as [QueuesSettings];
  const server = await serveFauxqs(fauxqs, settings);
  port.postMessage({ port: server.port });
  await once(port, 'message');
  await server.stop();
  port.close();
} catch (error) {
  const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
  // The port stays open, because the end of the thread could overtake the message. Whoever gets it ends the thread.
  port.postMessage({ message, code, errcode });
}
