import { describe, expect, test } from 'vitest';
import type { ChargeRequest, PaymentGateway } from '../../../lambdas/adapters/payment-gateway.ts';

/** What every payment gateway adapter keeps, whichever gateway is behind it. Tokens are those of Stripe's test mode. */
export function paymentGatewayContract(name: string, gateway: PaymentGateway): void {
  let keys = 0;
  const request = (changes: Partial<ChargeRequest> = {}): ChargeRequest => ({
    key: `order-${++keys}-${name}#ChargePayment`,
    amountMinor: 2100,
    currency: 'EUR',
    paymentToken: 'tok_visa',
    orderId: `order-${keys}`,
    ...changes,
  });

  describe(name, () => {
    test('charges once per key, however often it is asked, also beside each other', async () => {
      const asked = request();
      const charges = await Promise.all(Array.from({ length: 5 }, () => gateway.charge(asked)));
      expect(charges[0]).toMatchObject({ status: 'charged', amountMinor: 2100, currency: 'EUR' });
      for (const charge of charges) expect(charge).toEqual(charges[0]);
      expect(await gateway.lookup(asked.key)).toEqual(charges[0]);
    });

    test('knows nothing of a key that it never saw', async () => {
      expect(await gateway.lookup('order-0#ChargePayment')).toBeUndefined();
    });

    test('remembers that it declined, whatever token comes next under the key', async () => {
      const asked = request({ paymentToken: 'tok_chargeDeclinedInsufficientFunds' });
      expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode: 'insufficient_funds' });
      expect(await gateway.charge({ ...asked, paymentToken: 'tok_visa' })).toMatchObject({ status: 'declined' });
      expect(await gateway.reverse(asked.key)).toMatchObject({ status: 'declined' });
    });

    test('refuses another amount under a key that was charged', async () => {
      const asked = request();
      await gateway.charge(asked);
      await expect(gateway.charge({ ...asked, amountMinor: 1 })).rejects.toThrow(asked.key);
    });

    test('refunds the whole charge once, however often it is asked', async () => {
      const asked = request();
      await gateway.charge(asked);
      const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => gateway.reverse(asked.key)));
      expect(first).toMatchObject({ status: 'refunded', amountMinor: 2100, currency: 'EUR' });
      for (const other of others) expect(other).toEqual(first);
      expect(await gateway.charge(asked)).toEqual(first);
    });

    test('a key that was reversed before it was charged cannot be charged any more', async () => {
      const asked = request();
      expect(await gateway.reverse(asked.key)).toEqual({ status: 'withdrawn' });
      expect(await gateway.charge(asked)).toEqual({ status: 'withdrawn' });
      expect(await gateway.lookup(asked.key)).toEqual({ status: 'withdrawn' });
    });
  });
}
