import { describe, expect, it } from 'vitest';
import { env, readEnv } from '../../lambdas/env.ts';

describe('environment variables', () => {
  it('are read by name, an empty one as its default', () => {
    expect(readEnv(['ORDERS_TABLE', 'MAIL_FROM'], { ORDERS_TABLE: 'orders', MAIL_FROM: '' })).toEqual({
      ORDERS_TABLE: 'orders',
      MAIL_FROM: '',
    });
    expect(readEnv(['POWERTOOLS_SERVICE_NAME'], {})).toEqual({ POWERTOOLS_SERVICE_NAME: 'waybill' });
  });

  it('that are missing are all named, with what they mean', () => {
    expect(() => readEnv(['ORDERS_TABLE', 'CALLBACK_BASE_URL'], {})).toThrow(
      'environment variables that must be set and are not: ' +
        'ORDERS_TABLE (orders, their events, and the pointers from tracking numbers; table name), ' +
        'CALLBACK_BASE_URL (where callback links point: the HTTP API; URL without a slash at its end)',
    );
  });

  it('that can only be one of a few are refused with what was found and what is allowed', () => {
    expect(readEnv(['PAYMENT_GATEWAY', 'CARRIER'], { PAYMENT_GATEWAY: 'stripe' })).toEqual({
      PAYMENT_GATEWAY: 'stripe',
      CARRIER: 'sandbox',
    });
    expect(() => readEnv(['PAYMENT_GATEWAY', 'CARRIER'], { PAYMENT_GATEWAY: 'Stripe', CARRIER: 'easypost' })).toThrow(
      'environment variables: PAYMENT_GATEWAY must be sandbox or stripe, found "Stripe"',
    );
  });

  it('each say what they mean, in which unit', () => {
    for (const { meaning, unit } of Object.values(env)) {
      expect(meaning).not.toBe('');
      expect(unit).not.toBe('');
    }
  });
});
