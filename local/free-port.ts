import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A port on loopback that nobody listens on now, for a child process that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * The port that was used before, so that addresses stay; another one if some other program has taken it. A little patience first: a
 * server of a runtime that was killed a moment ago is on its way out.
 */
export async function keptOrFreePort(kept: number | undefined, patienceMs = 3_000): Promise<number> {
  if (kept === undefined) return await freePort();
  for (let leftMs = patienceMs; leftMs > 0; leftMs -= 20) {
    if (await isFree(kept)) return kept;
    await delay(20);
  }
  return await freePort();
}

/** Whether `port` can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
