import { orderStatuses, outcomeStatuses } from '../../domain/order.ts';
import { orderIdPattern } from '../../domain/order-id.ts';
import { maxInlineLines } from '../../domain/order-lines.ts';
import { maxLines } from '../../domain/order-request.ts';
import { contacts, waitKinds } from '../../domain/wait.ts';

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const minor = { type: 'integer', description: "In the currency's smallest unit." } as const;
const notSent = {
  type: 'object',
  description: 'In the place of the time: the mail system refused the mail for good. Not told to customers.',
  properties: { reason: text, at: time },
  required: ['reason', 'at'],
} as const;
/** Who did what is not for customers. */
const byAt = {
  type: 'object',
  properties: { by: { type: 'string', description: 'Not told to customers.' }, at: time },
  required: ['at'],
} as const;

/** What we answer. Callers must expect members that are added later. */
export const answers = {
  OrderId: { type: 'string', pattern: orderIdPattern.source },
  OrderStatus: { type: 'string', enum: orderStatuses },
  WaitKind: { type: 'string', enum: waitKinds },
  Accepted: object({ orderId: ref('OrderId'), status: { const: 'accepted' } }),
  Cancelling: object({ orderId: ref('OrderId'), status: { const: 'cancelling' } }),
  CarrierEventResult: object({
    result: { type: 'string', enum: ['accepted', 'kept', 'repeated', 'too late', 'ignored'] },
  }),
  Order: {
    description: 'Until its first step has written it, an order has its id, status and createdAt only.',
    ...object(
      { orderId: ref('OrderId'), status: ref('OrderStatus'), createdAt: time },
      {
        version: { type: 'integer' },
        updatedAt: time,
        placedBy: text,
        customer: ref('Customer'),
        currency: text,
        lines: {
          type: 'array',
          items: ref('OrderLine'),
          maxItems: maxLines,
          description: `All of them; in a list of orders only where there are at most ${maxInlineLines}.`,
        },
        lineCount: {
          type: 'integer',
          description: `How many lines the order has; only of an order of more than ${maxInlineLines}.`,
        },
        linesProblem: {
          description: 'In the place of `lines` of a big order: what we keep of them is damaged or gone.',
          ...object({ type: text, title: text, detail: text }),
        },
        shipTo: { $ref: '#/components/schemas/OrderRequest/properties/shipTo' },
        totalMinor: minor,
        payment: object(
          { chargeId: text, amountMinor: minor, chargedAt: time },
          { refund: object({ refundId: text, amountMinor: minor, refundedAt: time }) },
        ),
        stock: object({ reservedAt: time }, { releasedAt: time }),
        label: object({ labelId: text, trackingNumber: text, createdAt: time }, { voidedAt: time }),
        picked: byAt,
        confirmationSentAt: time,
        confirmationNotSent: notSent,
        cancellationRequested: byAt,
        pickedUp: byAt,
        cancellationSentAt: time,
        cancellationNotSent: notSent,
        refusal: object({ error: text, message: text }),
        stuckUndos: {
          type: 'array',
          description: 'Undos that gave up, and what an operator said about each. Not told to customers.',
          items: object(
            { undo: text, error: text, message: text, stuckAt: time },
            { triedAgain: byAt, doneByHand: object({ by: text, reason: text, at: time }) },
          ),
        },
        outcome: object(
          { status: { type: 'string', enum: outcomeStatuses }, at: time },
          { reason: text, undoneByHand: { type: 'array', items: text } },
        ),
      },
    ),
  },
  Customer: object({ name: text, email: text }),
  OrderLine: object({ sku: text, quantity: { type: 'integer' }, unitPriceMinor: minor }),
  OrderPage: object({ orders: { type: 'array', items: ref('Order') } }, { cursor: text }),
  Events: object({ orderId: ref('OrderId'), events: { type: 'array', items: ref('Event') } }),
  Event: object({ type: text, version: { type: 'integer' }, at: time }),
  Wait: object(
    { waitId: text, orderId: text, kind: ref('WaitKind'), actions: { type: 'array', items: text } },
    {
      reasonFor: { type: 'array', items: text, description: 'The actions that must come with a reason.' },
      contact: text,
      note: text,
      openedAt: time,
      expiresAt: time,
      answer: ref('Answer'),
    },
  ),
  Claim: { description: 'Who is on it in the inbox, until when.', ...object({ by: text, until: time }) },
  OpenWait: {
    allOf: [ref('Wait'), object({}, { callbackUrl: { type: 'string', format: 'uri' }, claim: ref('Claim') })],
  },
  WaitPage: object({ waits: { type: 'array', items: ref('OpenWait') } }, { cursor: text }),
  Answer: {
    description:
      'By a person or the carrier (`action`), or by the end of the wait (`error`). By whom is not told to customers.',
    ...object({ at: time }, { by: text, action: text, error: text, detail: { type: 'object' } }),
  },
  InboxLink: object({ url: { type: 'string', format: 'uri' }, expiresAt: time }),
  Stuck: object({
    waits: { type: 'array', items: ref('StuckWait') },
    orders: { type: 'array', items: ref('StuckOrder') },
  }),
  StuckWait: object({
    waitId: text,
    orderId: text,
    expiresAt: time,
    why: { type: 'string', enum: ['past due', 'answer not delivered'] },
  }),
  StuckOrder: object({
    orderId: ref('OrderId'),
    status: ref('OrderStatus'),
    updatedAt: time,
    execution: { type: 'string', description: 'Its status: RUNNING, FAILED, ABORTED, TIMED_OUT, SUCCEEDED, or none.' },
  }),
  LinkSent: object({ waitId: text, contact: { type: 'string', enum: contacts }, retiredOthers: { type: 'boolean' } }),
  Answered: object({ waitId: text, answer: ref('Answer') }),
  Problem: object(
    { type: text, title: text, status: { type: 'integer' }, detail: text },
    {
      recorded: ref('Answer'),
      orderStatus: ref('OrderStatus'),
      errors: {
        type: 'array',
        items: object({ found: text, expected: text }, { pointer: text, header: text, parameter: text }),
      },
    },
  ),
};

function object(required: Record<string, unknown>, optional: Record<string, unknown> = {}) {
  return { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) };
}
