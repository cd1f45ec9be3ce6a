import * as z from 'zod';
import { sandboxEventSchema } from '../../adapters/sandbox-webhook.ts';
import { currencies } from '../../domain/money.ts';
import { orderRequestSchema } from '../../domain/order-request.ts';
import { answerSchema } from '../answer-wait.ts';
import { cancellationSchema } from '../cancel-order.ts';
import { inboxAnswerSchema } from '../inbox-answer.ts';
import { inboxClaimSchema } from '../inbox-claim.ts';
import { inboxLinkSchema } from '../inbox-link.ts';
import { linkRequestSchema } from '../resend-link.ts';
import { answers, ref } from './answers.ts';
import { inboxPaths } from './inbox.ts';

/**
 * The API's description, OpenAPI 3.1. Bodies are described by the very schemas that check them. What is served is the
 * file lambdas/api/openapi.json, made from this by a test that fails when the two differ (`npx vitest run test/lambdas/api/openapi --update` writes it).
 */
export function openApiDocument() {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Waybill orders',
      version: '1',
      description:
        'Orders that are fulfilled exactly once or undone completely. Every error is application/problem+json (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative: the API that serves this document.
    servers: [{ url: '/' }],
    security: [{ iam: [] }, { jwt: [] }],
    paths: {
      '/orders': {
        post: {
          operationId: 'placeOrder',
          summary: 'Place an order',
          description:
            'Repeat the request with the same Idempotency-Key until you have an answer: it is one order. A body has at most 1.5 MB. The payment token (`tok_...`, or a payment method `pm_...`) is what the payment gateway gives for a card: no card number comes here.',
          parameters: [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: true,
              description: 'One per order, chosen by you. Belongs to the caller: others may choose the same.',
              schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
            },
          ],
          requestBody: body('OrderRequest'),
          responses: {
            202: {
              description: 'Accepted; this is also the answer to every repetition.',
              headers: { Location: { description: 'Where the order is.', schema: { type: 'string' } } },
              content: content('Accepted'),
            },
            ...problems(400, 401, 413, 415, 422, 503),
          },
        },
        get: {
          operationId: 'listOrders',
          summary: 'Orders with a status, newest first',
          parameters: [
            {
              name: 'status',
              in: 'query',
              required: true,
              schema: { $ref: '#/components/schemas/OrderStatus' },
            },
            cursor,
          ],
          responses: {
            200: { description: 'At most 50 of them.', content: content('OrderPage') },
            ...problems(400, 503),
          },
        },
      },
      '/orders/{orderId}': {
        parameters: [orderId],
        get: {
          operationId: 'getOrder',
          summary: 'The order as it is now',
          responses: { 200: { description: 'The order.', content: content('Order') }, ...problems(404, 503) },
        },
      },
      '/orders/{orderId}/events': {
        parameters: [orderId],
        get: {
          operationId: 'listOrderEvents',
          summary: 'What happened to the order, oldest first',
          responses: {
            200: {
              description: 'All events; to a customer none of undos or mails that gave up.',
              content: content('Events'),
            },
            ...problems(404, 503),
          },
        },
      },
      '/orders/{orderId}/cancellation': {
        parameters: [orderId],
        post: {
          operationId: 'cancelOrder',
          summary: 'Cancel the order and undo what was done',
          description: 'Possible until the carrier has the parcel.',
          requestBody: { ...body('Cancellation'), required: false },
          responses: {
            202: { description: 'It will be cancelled, or is already.', content: content('Cancelling') },
            ...problems(400, 401, 404, 409, 413, 415, 503),
          },
        },
      },
      '/waits': {
        get: {
          operationId: 'listWaits',
          summary: 'The inbox: open waits of one kind, oldest first',
          parameters: [
            { name: 'kind', in: 'query', required: true, schema: { $ref: '#/components/schemas/WaitKind' } },
            cursor,
          ],
          responses: {
            200: { description: 'At most 50, each with a link that answers it.', content: content('WaitPage') },
            ...problems(400, 503),
          },
        },
      },
      '/waits/{waitId}': {
        description: 'A callback link. It is signed; use it as it was given to you.',
        parameters: [
          { name: 'waitId', in: 'path', required: true, schema: { type: 'string' } },
          ...['exp', 'kid', 'for', 'gen', 'actions', 'sig'].map((name) => ({
            name,
            in: 'query',
            required: true,
            schema: { type: 'string' },
          })),
        ],
        get: {
          operationId: 'showWait',
          summary: 'What is asked, or how it was answered',
          description: 'Changes nothing, however often it is called.',
          security: [],
          parameters: [
            {
              name: 'lines',
              in: 'query',
              required: false,
              description:
                'Instead of the page: all lines of the order, while the wait is open. Goes after what is signed.',
              schema: { const: 'all' },
            },
          ],
          responses: { 200: { description: 'The wait.', content: pageOr('Wait') }, ...problems(403, 410, 503) },
        },
        post: {
          operationId: 'answerWait',
          summary: 'Answer, once',
          security: [],
          requestBody: {
            required: true,
            content: {
              'application/x-www-form-urlencoded': { schema: ref('AnswerRequest') },
              'application/json': { schema: ref('AnswerRequest') },
            },
          },
          responses: {
            200: { description: 'This is the answer on record.', content: pageOr('Answered') },
            ...problems(400, 403, 409, 410, 413, 415, 503),
          },
        },
      },
      '/waits/{waitId}/links': {
        parameters: [{ name: 'waitId', in: 'path', required: true, schema: { type: 'string' } }],
        post: {
          operationId: 'resendLink',
          summary: 'Mail a new link of an open wait',
          description:
            'To whoever is asked, or to the contact that you name, who must be one that may answer it; with `retireOthers` all links that were made before ' +
            'stop working. The same request again within five minutes sends no second mail and retires nothing anew.',
          requestBody: { ...body('LinkRequest'), required: false },
          responses: {
            202: { description: 'The link is on its way.', content: content('LinkSent') },
            ...problems(400, 401, 404, 409, 413, 415, 503),
          },
        },
      },
      ...inboxPaths,
      '/carrier-events': {
        post: {
          operationId: 'receiveCarrierEvent',
          summary: 'An event of the carrier',
          description:
            'Described here as the sandbox carrier sends it. A stack that is deployed with EasyPost takes EasyPost’s events instead, as its webhook ' +
            'sends and signs them (x-hmac-signature-v2, x-timestamp, x-path).',
          security: [],
          parameters: [
            {
              name: 'x-carrier-timestamp',
              in: 'header',
              required: true,
              description: 'When this request was signed, Unix seconds; five minutes of tolerance.',
              schema: { type: 'string', pattern: '^[0-9]{1,12}$' },
            },
            {
              name: 'x-carrier-signature',
              in: 'header',
              required: true,
              description: 'HMAC-SHA-256 over "<timestamp>.<body>", in hexadecimal.',
              schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
            },
          ],
          requestBody: body('CarrierEvent'),
          responses: {
            200: { description: 'Taken. A repeated event changes nothing.', content: content('CarrierEventResult') },
            202: { description: 'Kept until a label has its tracking number.', content: content('CarrierEventResult') },
            ...problems(400, 403, 413, 415, 503),
          },
        },
      },
      '/stuck': {
        get: {
          operationId: 'listStuck',
          summary: 'What hangs: waits past due, answers that were not delivered, orders that stopped moving',
          description: 'Nothing, on a healthy system. At most 100 of each, the oldest first. Changes nothing.',
          responses: { 200: { description: 'What hangs now.', content: content('Stuck') }, ...problems(503) },
        },
      },
      '/openapi.json': {
        get: {
          operationId: 'describeApi',
          summary: 'This document',
          security: [],
          responses: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': {} } } },
        },
      },
    },
    components: {
      securitySchemes: {
        iam: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4, service execute-api. The default.',
        },
        jwt: { type: 'http', scheme: 'bearer', description: 'Where the stack was deployed with a JWT issuer.' },
      },
      responses: Object.fromEntries(
        Object.entries(problemMeanings).map(([status, description]) => [
          `Problem${status}`,
          { description, content: { 'application/problem+json': { schema: ref('Problem') } } },
        ]),
      ),
      schemas: {
        OrderRequest: withCurrencies(schemaOf(orderRequestSchema)),
        Cancellation: schemaOf(cancellationSchema),
        AnswerRequest: schemaOf(answerSchema),
        LinkRequest: schemaOf(linkRequestSchema),
        InboxAnswer: schemaOf(inboxAnswerSchema),
        InboxClaim: schemaOf(inboxClaimSchema),
        InboxLinkRequest: schemaOf(inboxLinkSchema),
        CarrierEvent: schemaOf(sandboxEventSchema),
        ...answers,
      },
    },
  };
}

const problemMeanings = {
  400: 'Something that was sent does not fit; `errors` says what.',
  401: 'The caller is not authenticated.',
  403: 'The signature does not fit.',
  404: 'There is no such thing; of an order: or another customer has placed it.',
  409: 'It was decided otherwise before; `recorded` says how.',
  410: 'The link has expired, or was replaced by a newer one.',
  413: 'The body is too large.',
  415: 'The body is in a content type that is not understood.',
  422: 'The Idempotency-Key was used with another body.',
  503: 'Nothing was done; the same request succeeds a little later.',
} as const;

function problems(...statuses: (keyof typeof problemMeanings)[]) {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]));
}

const content = (name: string) => ({ 'application/json': { schema: ref(name) } });
const pageOr = (name: string) => ({ 'text/html': { schema: { type: 'string' } }, ...content(name) });
const body = (name: string) => ({ required: true, content: content(name) });

const orderId = { name: 'orderId', in: 'path', required: true, schema: ref('OrderId') };
const cursor = {
  name: 'cursor',
  in: 'query',
  required: false,
  description: 'From the page before. Opaque.',
  schema: { type: 'string' },
};

/** A body's schema as the caller sees it: what may be sent. */
function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input' });
  return described;
}

/** The one rule of a body that only code can say and a list can. */
function withCurrencies(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = schema.properties as Record<string, unknown>;
  return { ...schema, properties: { ...properties, currency: { type: 'string', enum: currencies } } };
}
