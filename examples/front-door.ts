/**
 * The order process as its users meet it: signed HTTP to the API, mails read by a person, links opened in a browser,
 * events sent by a carrier. Nothing here reaches behind the front door, so whoever drives the process through this file
 * (the demo, the stories, the benchmarks) sees what a customer, a picker and a carrier would see.
 */
import { createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface Mail {
  at: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
}

export interface FrontDoorOptions {
  /** Where the HTTP API answers, without a slash at its end. */
  apiUrl: string;
  /** Folder into which the local runtime writes every mail. */
  mailboxDir: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** The key that the carrier signs its events with. */
  carrierSecret: string;
  /** Milliseconds since the epoch in the time in which the process lives: the runtime's clock can be moved. */
  now: () => Promise<number>;
}

export type FrontDoor = ReturnType<typeof openFrontDoor>;

export function openFrontDoor(options: FrontDoorOptions) {
  const { apiUrl, mailboxDir, carrierSecret, now } = options;
  const signer = new SignatureV4({
    service: 'execute-api',
    region: options.region ?? 'us-east-1',
    credentials: options.credentials ?? { accessKeyId: 'local', secretAccessKey: 'local' },
    sha256: Sha256,
  });

  /** One signed request, as `curl --aws-sigv4` would send it. */
  async function request<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    /** Aborted: the connection is closed, and nobody knows what has become of the request. */
    signal?: AbortSignal,
  ): Promise<Answer<Body>> {
    const url = new URL(apiUrl + path);
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    return send<Body>(url.href, {
      method,
      headers: signed.headers,
      ...(text === undefined ? {} : { body: text }),
      ...(signal && { signal }),
    });
  }

  const placeOrder = (order: unknown, idempotencyKey: string, signal?: AbortSignal) =>
    request<{ orderId: string; status: string }>(
      'POST',
      '/orders',
      order,
      { 'idempotency-key': idempotencyKey },
      signal,
    );

  const getOrder = (orderId: string) => request('GET', `/orders/${orderId}`);
  const getEvents = (orderId: string) => request<{ events: OrderEvent[] }>('GET', `/orders/${orderId}/events`);
  const cancelOrder = (orderId: string, reason?: string) =>
    request('POST', `/orders/${orderId}/cancellation`, reason === undefined ? {} : { reason });

  /** Every mail so far, oldest first. */
  async function mails(): Promise<Mail[]> {
    const names = (await readdir(mailboxDir).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(mailboxDir, name), 'utf8')) as Mail));
  }

  /** Links to callback pages in the mails about one wait of an order, oldest first; `to`: in those to this address alone. */
  async function callbackLinks(orderId: string, wait: string, to?: string): Promise<string[]> {
    const marker = `/waits/${encodeURIComponent(`${orderId}#${wait}`)}`;
    const read = (await mails()).filter((mail) => to === undefined || mail.to.includes(to));
    const links = read.flatMap((mail) => mail.text.match(/https?:\/\/\S+/g) ?? []);
    return links.filter((link) => link.includes(marker));
  }

  /** Waits until the mail that asks for an answer has come. */
  const callbackLink = (orderId: string, wait: string, nth = 1) =>
    eventually(
      `link number ${nth} to ${wait} of ${orderId}`,
      async () => (await callbackLinks(orderId, wait))[nth - 1],
    );

  /** Waits until this address has been asked: an escalation goes to another one than the mails before it. */
  const callbackLinkTo = (to: string, orderId: string, wait: string) =>
    eventually(`a link to ${wait} of ${orderId} for ${to}`, async () => (await callbackLinks(orderId, wait, to))[0]);

  /** Opens the link as a browser does (GET) and presses the button with this action (POST of its form). */
  async function answerByLink(link: string, action: string, by = 'Robin'): Promise<Answer<string>> {
    const page = await send<string>(link, { headers: { accept: 'text/html' } });
    if (page.status !== 200) return page;
    if (!new RegExp(`<button[^>]*value="${action}"`).test(page.body)) {
      throw new Error(`the page of ${new URL(link).pathname} has no button "${action}"`);
    }
    const target = /<form[^>]*action="([^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    return send<string>(new URL(target || link, link).href, {
      method: 'POST',
      headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ action, by }),
    });
  }

  /** Sends an event as the carrier does: signed over timestamp and raw body. */
  async function carrierEvent(event: { id: string; type: string; trackingNumber: string }): Promise<Answer> {
    const at = await now();
    const body = JSON.stringify({ ...event, occurredAt: new Date(at).toISOString() });
    const timestamp = String(Math.floor(at / 1000));
    const signature = createHmac('sha256', carrierSecret).update(`${timestamp}.${body}`).digest('hex');
    return send(`${apiUrl}/carrier-events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-carrier-timestamp': timestamp,
        'x-carrier-signature': signature,
      },
      body,
    });
  }

  /** Waits until the order has one of these statuses, and returns it. */
  const orderIn = (orderId: string, ...statuses: string[]) =>
    eventually(`${orderId} to be ${statuses.join(' or ')}`, async () => {
      const { status, body } = await getOrder(orderId);
      return status === 200 && statuses.includes(String(body.status)) ? body : undefined;
    });

  return {
    request,
    placeOrder,
    getOrder,
    getEvents,
    cancelOrder,
    mails,
    callbackLinks,
    callbackLink,
    callbackLinkTo,
    answerByLink,
    carrierEvent,
    orderIn,
  };
}

export interface OrderEvent {
  type: string;
  at: string;
  [detail: string]: unknown;
}

/**
 * Sends again when the connection is lost or the answer is 503, as every client should: each request here may be
 * repeated, because it carries an Idempotency-Key or an event id, or is an answer of which the first counts.
 */
const send = <Body = Record<string, unknown>>(url: string, init: RequestInit): Promise<Answer<Body>> =>
  eventually(`an answer to ${init.method ?? 'GET'} ${new URL(url).pathname}`, async () => {
    const response = await fetch(url, init);
    const text = await response.text();
    if (response.status === 503) return undefined;
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as Body };
  });

/**
 * Asks again until there is an answer. A refused connection counts as "not yet", because the runtime may be killed and
 * started again in between; giving up after `patienceMs` names what was waited for.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { patienceMs = 60_000, everyMs = 40 } = {},
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      lastError = error;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`waited ${patienceMs / 1000} s in vain for ${what}`, { cause: lastError });
    }
    await delay(everyMs);
  }
}

/** What fetch throws when the other side is down, or goes down before the whole answer is there. */
const isConnectionLoss = (error: unknown) =>
  error instanceof TypeError && /fetch failed|terminated/.test(error.message);
