import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeSecret } from '../../support/fake-secret.ts';
import { placedOrder } from '../../support/orders.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const secret = await startFakeSecret();
afterAll(secret.stop);

const shipment = {
  from: { name: 'Shop', line1: '1 Main St', city: 'Portland', region: 'OR', postalCode: '97201', country: 'US' },
  parcel: { lengthIn: 10, widthIn: 8, heightIn: 4, weightOz: 20 },
};
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:key';

/** The adapters as a function loads them that was deployed with these variables. */
async function deployedWith(environment: Record<string, string>) {
  vi.resetModules();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { paymentGateway } = await import('../../../lambdas/adapters/payment-gateway-from-env.ts');
  const { carrier } = await import('../../../lambdas/adapters/carrier-from-env.ts');
  return { paymentGateway, carrier };
}

const calls = vi.fn<(url: string) => Promise<Response>>();
beforeEach(() => {
  vi.unstubAllEnvs();
  calls.mockReset();
  calls.mockResolvedValue(Response.json({ error: { code: 'NOT_FOUND' } }, { status: 404 }));
  vi.stubGlobal('fetch', calls);
  secret.reset('no key yet: put the API key here, as plain text');
});

const charge = () => {
  const { orderId } = placedOrder();
  const key = `${orderId}#ChargePayment`;
  return { key, orderId, amountMinor: 2100, currency: 'EUR', paymentToken: 'tok_visa' };
};
const label = () => {
  const { orderId, shipTo } = placedOrder();
  return { key: `${orderId}#CreateShippingLabel`, orderId, shipTo };
};

test('who is told nothing charges and ships with the sandboxes', async () => {
  const { paymentGateway, carrier } = await deployedWith({});
  expect(await paymentGateway.charge(charge())).toMatchObject({ status: 'charged' });
  expect(await carrier.buyLabel(label())).toMatchObject({ status: 'bought' });
  expect(secret.calls).toEqual([]);
});

test('a provider that there is none of is refused when the function starts', async () => {
  await expect(deployedWith({ PAYMENT_GATEWAY: 'paypal' })).rejects.toThrow(
    'PAYMENT_GATEWAY must be sandbox or stripe, found "paypal"',
  );
  await expect(deployedWith({ PAYMENT_GATEWAY: 'sandbox', CARRIER: 'ups' })).rejects.toThrow(
    'CARRIER must be sandbox or easypost, found "ups"',
  );
});

describe('until the key is in its secret', () => {
  test('a charge by Stripe fails and says what to do, and its undo succeeds', async () => {
    const { paymentGateway } = await deployedWith({ PAYMENT_GATEWAY: 'stripe', STRIPE_KEY_SECRET_ARN: secretArn });
    const asked = charge();
    await expect(paymentGateway.charge(asked)).rejects.toMatchObject({
      name: 'NoProviderKey',
      message: expect.stringMatching(/^the secret \S+ has no API key of Stripe: put it there as plain text \(sk_/),
    });
    expect(await paymentGateway.lookup(asked.key)).toBeUndefined();
    expect(await paymentGateway.reverse(asked.key)).toEqual({ status: 'withdrawn' });
  });

  test('a label by EasyPost is not asked for, which is said as well, and its undo succeeds', async () => {
    const { carrier } = await deployedWith({
      CARRIER: 'easypost',
      EASYPOST_KEY_SECRET_ARN: secretArn,
      CARRIER_SHIPMENT: JSON.stringify(shipment),
    });
    const asked = label();
    await expect(carrier.buyLabel(asked)).rejects.toMatchObject({
      name: 'NoProviderKey',
      message: expect.stringContaining('has no API key of EasyPost: put it there as plain text (EZAK'),
    });
    expect(await carrier.lookup(asked.key)).toBeUndefined();
    expect(await carrier.voidLabel(asked.key)).toEqual({ status: 'withdrawn' });
    expect(calls).not.toHaveBeenCalled();
  });
});

test('with a key EasyPost is asked, under that key', async () => {
  secret.reset('EZTKabcdefghijklmnop0123456789');
  const { carrier } = await deployedWith({
    CARRIER: 'easypost',
    EASYPOST_KEY_SECRET_ARN: `${secretArn}-2`,
    CARRIER_SHIPMENT: JSON.stringify(shipment),
  });
  await expect(carrier.buyLabel(label())).rejects.toMatchObject({ name: 'CarrierMisconfigured' });
  const [url, request] = calls.mock.calls[0] as unknown as [string, { headers: { authorization: string } }];
  expect(url).toBe('https://api.easypost.com/v2/shipments');
  const user = Buffer.from(request.headers.authorization.replace('Basic ', ''), 'base64').toString();
  expect(user).toBe('EZTKabcdefghijklmnop0123456789:');
});
