export interface Answer {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

/** Thrown by what Stripe refuses. https://docs.stripe.com/api/errors */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(status: number, error: { type?: string; code?: string; message: string; [field: string]: unknown }) {
    super(error.message);
    this.answer = { status, body: { error: { type: 'invalid_request_error', ...error } } };
  }
}

export const missing = (what: string, id: string, param = 'id') =>
  new Refusal(param === 'id' ? 404 : 400, { code: 'resource_missing', param, message: `No such ${what}: '${id}'` });

export const unexpectedState = (doing: string, status: string) =>
  new Refusal(400, {
    code: 'payment_intent_unexpected_state',
    message: `You cannot ${doing} this PaymentIntent because it has a status of ${status}.`,
  });
