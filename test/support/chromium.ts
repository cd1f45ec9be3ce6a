/** A real browser for tests of pages: Chromium, driven over its DevTools protocol. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// biome-ignore lint/suspicious/noExplicitAny: a protocol of hundreds of shapes, of which a test uses five.
type Json = any;

/** Where Chromium is: CHROMIUM_BIN, or on the PATH under one of its names. Undefined: nowhere, and its tests are skipped. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(':');
  const places = [process.env.CHROMIUM_BIN, ...folders.flatMap((folder) => names.map((name) => join(folder, name)))];
  return places.find((place) => {
    if (!place) return false;
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface View {
  width: number;
  height: number;
  scheme?: 'light' | 'dark';
}

export interface Tab {
  /** Opens an address, or posts, and waits until it is loaded. */
  open(url: string): Promise<void>;
  /** Does something that leads to another page (a click, a key), and waits until that is loaded. */
  following(act: () => Promise<unknown>): Promise<void>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<Json>;
  show(view: View): Promise<void>;
  /** Types a key as a person does: `Tab`, `Enter`, ` `, or a letter. */
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  /** Name and role of everything that a screen reader would read, in order. */
  readAloud(): Promise<{ role: string; name: string }[]>;
  screenshot(file: string): Promise<void>;
  /** The page on paper (A4), as a PDF. */
  print(): Promise<Buffer>;
}

export async function startChromium(binary: string) {
  const profile = await mkdtemp(join(tmpdir(), 'waybill-chromium-'));
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  const browser = spawn(
    binary,
    [...args, '--hide-scrollbars', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  // Its helpers too: the process is the leader of their group.
  const kill = () => {
    if (browser.exitCode === null && browser.signalCode === null) process.kill(-browser.pid!, 'SIGKILL');
  };
  // A test run that is killed must not leave browsers behind.
  process.once('exit', kill);
  const stop = async () => {
    const gone = once(browser, 'exit');
    kill();
    await gone;
    process.off('exit', kill);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  let endpoint: string | undefined;
  for await (const line of createInterface(browser.stderr!)) {
    endpoint = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (endpoint) break;
  }
  if (!endpoint) throw new Error('Chromium did not start');
  browser.stderr!.resume();
  const connection = await connect(endpoint);
  return {
    async openTab(): Promise<Tab> {
      const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
      return tab(connection, sessionId);
    },
    async [Symbol.asyncDispose]() {
      connection.close();
      await stop();
    },
  };
}

async function tab(connection: Connection, sessionId: string): Promise<Tab> {
  const send = (method: string, params: Json = {}) => connection.send(method, params, sessionId);
  await send('Page.enable');
  const following = async (act: () => Promise<unknown>) => {
    const loaded = connection.event('Page.loadEventFired', sessionId);
    await act();
    await loaded;
  };
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    open: (url) => following(() => send('Page.navigate', { url })),
    following,
    evaluate,
    async show({ width, height, scheme = 'light' }) {
      const mobile = width < 600;
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: mobile ? 2 : 1, mobile });
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    },
    async press(key) {
      const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
      const windowsVirtualKeyCode = { Tab: 9, Enter: 13 }[key] ?? key.toUpperCase().charCodeAt(0);
      const code = { key, windowsVirtualKeyCode, ...(text && { text }) };
      await send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...code });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...code });
    },
    type: (text) => send('Input.insertText', { text }),
    async readAloud() {
      await send('Accessibility.enable');
      const { nodes } = await send('Accessibility.getFullAXTree');
      return nodes
        .filter(({ ignored }: Json) => !ignored)
        .map(({ role, name }: Json) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
    },
    async screenshot(file) {
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true });
      await writeFile(file, Buffer.from(data, 'base64'));
    },
    async print() {
      const { data } = await send('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
      return Buffer.from(data, 'base64');
    },
  };
}

type Connection = Awaited<ReturnType<typeof connect>>;

async function connect(endpoint: string) {
  const socket = new WebSocket(endpoint);
  const answers = new Map<number, { resolve: (value: Json) => void; reject: (error: Error) => void }>();
  const listeners = new Set<(message: Json) => void>();
  let lastId = 0;
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('no connection to Chromium')));
  });
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data));
    const waiting = answers.get(message.id);
    answers.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else if (waiting) waiting.resolve(message.result);
    else for (const listener of listeners) listener(message);
  });
  return {
    send(method: string, params: Json = {}, sessionId?: string): Promise<Json> {
      const id = ++lastId;
      socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
      return new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
    },
    event(method: string, sessionId: string): Promise<Json> {
      return new Promise((resolve) => {
        const listener = (message: Json) => {
          if (message.method !== method || message.sessionId !== sessionId) return;
          listeners.delete(listener);
          resolve(message.params);
        };
        listeners.add(listener);
      });
    },
    close: () => socket.close(),
  };
}
