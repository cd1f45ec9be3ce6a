import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Stripe from 'stripe';
import { type Answer, Refusal } from './answers.ts';
import { createBooks, type Intent } from './books.ts';
import { type FormFields, parseForm } from './form-body.ts';

export interface StripeRequest {
  /** Whoever has the client that sent it. */
  caller: string;
  /** Its place among the requests of the caller, from 1. */
  number: number;
  /** `POST /v1/refunds`, ids replaced by `:id`. */
  operation: string;
}

/** Stands before the API: applies the request or not, now or later, and answers what it likes, nothing, or by hanging up. */
export type StripeIntercept = (request: StripeRequest, apply: () => Answer) => Reply | Promise<Reply>;
export type Reply = Answer | 'hang up';

type Books = ReturnType<typeof createBooks>;
interface Operation {
  /** All that it takes; Stripe refuses what it does not know. */
  takes: readonly string[];
  run(books: Books, id: string, fields: FormFields): object;
}

const metadataOf = ({ metadata }: FormFields) => ({ ...(metadata as Record<string, string> | undefined) });
const given = (value: unknown) => (value === undefined ? undefined : String(value));

const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/payment_methods': {
    takes: ['type', 'card'],
    run: (books, _, { card }) => books.createMethod(String((card as FormFields).token)),
  },
  'POST /v1/payment_intents': {
    takes: ['amount', 'currency', 'allowed_payment_method_types', 'metadata', 'payment_method', 'expand'],
    run: (books, _, fields) =>
      books.createIntent(
        Number(fields.amount),
        String(fields.currency),
        metadataOf(fields),
        given(fields.payment_method),
      ),
  },
  'GET /v1/payment_intents/:id': { takes: ['expand'], run: (books, id) => books.retrieve(id) },
  'POST /v1/payment_intents/:id': {
    takes: ['metadata', 'expand'],
    run: (books, id, fields) => books.update(id, metadataOf(fields)),
  },
  'POST /v1/payment_intents/:id/confirm': {
    takes: ['off_session', 'payment_method', 'expand'],
    run: (books, id, { payment_method }) => books.confirm(id, given(payment_method)),
  },
  'POST /v1/payment_intents/:id/cancel': { takes: ['expand'], run: (books, id) => books.cancel(id) },
  'POST /v1/refunds': {
    takes: ['payment_intent', 'metadata'],
    run: (books, _, { payment_intent }) => books.refund(String(payment_intent)),
  },
};

/**
 * Stripe's HTTP API as far as a gateway needs it, written after its documentation, for the real client to talk to. Ids and
 * answers are kept in memory. Requests are applied one after the other, each at once.
 */
export async function startFakeStripe() {
  const books = createBooks();
  /** https://docs.stripe.com/api/idempotent_requests */
  const remembered = new Map<string, { fingerprint: string; answer: Answer }>();
  const intercepts = new Map<string, StripeIntercept>();
  const counts = new Map<string, number>();
  const broken = new Map<string, 'before' | 'after'>();

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://stripe');
    const body = await text(request);
    const caller = /^Bearer sk_test_(\w+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [, resource, id = '', ...rest] = /^(\/v1\/\w+)(?:\/(\w+))?(\/\w+)?$/.exec(url.pathname) ?? [];
    const operation = `${request.method} ${resource}${id && '/:id'}${rest.join('')}`;
    const number = (counts.get(caller) ?? 0) + 1;
    counts.set(caller, number);
    const fields = parseForm(request.method === 'GET' ? url.searchParams.toString() : body);
    const key = request.headers['idempotency-key'] as string | undefined;
    const apply = () => (key ? once(key, operation, id, fields) : execute(operation, id, fields));
    const intercept = intercepts.get(caller);
    const answer = await (intercept ? intercept({ caller, number, operation }, apply) : apply());
    if (answer === 'hang up') return void request.socket.destroy();
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'request-id': `req_${number}`,
      ...answer.headers,
    });
    response.end(JSON.stringify(answer.body));
  }

  function once(key: string, operation: string, id: string, fields: FormFields): Answer {
    const fingerprint = JSON.stringify([operation, id, fields]);
    const before = remembered.get(key);
    if (before && before.fingerprint !== fingerprint) {
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.';
      return new Refusal(400, { type: 'idempotency_error', message }).answer;
    }
    if (before) return { ...before.answer, headers: { 'idempotent-replayed': 'true' } };
    const answer = execute(operation, id, fields);
    remembered.set(key, { fingerprint, answer });
    return answer;
  }

  function execute(operation: string, id: string, fields: FormFields): Answer {
    const failure: Answer = { status: 500, body: { error: { type: 'api_error', message: 'Something is broken.' } } };
    const breaks = broken.get(operation);
    broken.delete(operation);
    if (breaks === 'before') return failure;
    try {
      const known = operations[operation];
      if (!known) throw new Refusal(404, { message: `Unrecognized request URL (${operation})` });
      const unknown = Object.keys(fields).find((field) => !known.takes.includes(field));
      if (unknown)
        throw new Refusal(400, { code: 'parameter_unknown', param: unknown, message: `Unknown: ${unknown}` });
      const result = known.run(books, id, fields);
      if (breaks === 'after') return failure;
      // A copy: what is answered, and remembered under a key, is how it was then.
      return { status: 200, body: structuredClone(shown(result, fields)) };
    } catch (error) {
      if (error instanceof Refusal) return structuredClone(error.answer);
      throw error;
    }
  }

  return {
    books,
    /** The real client, under a name. Its pauses before it tries again are cut short. */
    client(caller: string): Stripe {
      const options = { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false } as const;
      const client = new Stripe(`sk_test_${caller}`, { ...options, timeout: 60_000 });
      return Object.assign(client, { getInitialNetworkRetryDelay: () => 0 });
    },
    intercept: (caller: string, intercept: StripeIntercept) => void intercepts.set(caller, intercept),
    /** The next such request fails with a 500, remembered as every answer is, before or after it did what it was asked. */
    break: (operation: string, when: 'before' | 'after') => void broken.set(operation, when),
    /** As Stripe does after a day. */
    forgetKeys: () => remembered.clear(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Without being asked for, a charge is its id, and a charge says nothing of refunds. https://docs.stripe.com/expand */
function shown(result: object, { expand = [] }: FormFields): object {
  const { latest_charge } = result as Partial<Intent>;
  if (!latest_charge) return result;
  const { refunds, ...charge } = latest_charge;
  const all = (expand as string[]).includes('latest_charge.refunds');
  return { ...result, latest_charge: all ? { ...charge, refunds: { object: 'list', data: refunds } } : charge.id };
}
