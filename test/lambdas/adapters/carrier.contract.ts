import { describe, expect, test } from 'vitest';
import type { Carrier, LabelRequest } from '../../../lambdas/adapters/carrier.ts';
import { placedOrder } from '../../support/orders.ts';

/** What every carrier adapter keeps, whichever carrier is behind it. */
export function carrierContract(name: string, carrier: Carrier): void {
  const request = (): LabelRequest => {
    const { orderId, shipTo } = placedOrder();
    return { key: `${orderId}#CreateShippingLabel`, orderId, shipTo };
  };

  describe(name, () => {
    test('sells one label per key, however often it is asked, and another for another key', async () => {
      const asked = request();
      const labels = await Promise.all(Array.from({ length: 5 }, () => carrier.buyLabel(asked)));
      expect(labels[0]).toMatchObject({ status: 'bought', trackingNumber: expect.stringMatching(/^[A-Z0-9]{8,}$/) });
      for (const label of labels) expect(label).toEqual(labels[0]);
      expect(await carrier.lookup(asked.key)).toEqual(labels[0]);
      expect(await carrier.buyLabel(request())).not.toEqual(labels[0]);
    });

    test('knows nothing of a key that it never saw', async () => {
      expect(await carrier.lookup(request().key)).toBeUndefined();
    });

    test('voids a label once and for good', async () => {
      const asked = request();
      await carrier.buyLabel(asked);
      const voided = await carrier.voidLabel(asked.key);
      expect(voided).toMatchObject({ status: 'voided' });
      expect(await carrier.voidLabel(asked.key)).toEqual(voided);
      expect(await carrier.buyLabel(asked)).toEqual(voided);
    });

    test('sells no label under a key that was voided before', async () => {
      const asked = request();
      expect(await carrier.voidLabel(asked.key)).toEqual({ status: 'withdrawn' });
      expect(await carrier.buyLabel(asked)).toEqual({ status: 'withdrawn' });
    });
  });
}
