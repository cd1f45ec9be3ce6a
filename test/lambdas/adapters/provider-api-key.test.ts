import { afterAll, beforeEach, expect, test } from 'vitest';
import { startFakeSecret } from '../../support/fake-secret.ts';

const secret = await startFakeSecret();
afterAll(secret.stop);
const { providerApiKey } = await import('../../../lambdas/adapters/provider-api-key.ts');

let secrets = 0;
let arn: string;
beforeEach(() => {
  arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:key-${++secrets}`;
});
const keyOfStripe = { provider: 'Stripe', shape: /^sk_test_[a-z]+$/, expected: 'sk_...' };

test('a key is read once, and without the line break that it was pasted with', async () => {
  secret.reset('sk_test_abc\n');
  expect(await providerApiKey(arn, keyOfStripe)).toBe('sk_test_abc');
  expect(await providerApiKey(arn, keyOfStripe)).toBe('sk_test_abc');
  expect(secret.calls).toEqual(['GetSecretValue']);
});

test.each(['no key yet: put the API key here, as plain text', 'pk_test_abc', '{"key":"sk_test_abc"}', 'sk_test_a b'])(
  'what cannot be a key (%s) is refused in a sentence that says where it goes and does not repeat it',
  async (text) => {
    secret.reset(text);
    const refusal = await providerApiKey(arn, keyOfStripe).catch((error) => error);
    expect(refusal).toMatchObject({
      name: 'NoProviderKey',
      message: `the secret ${arn} has no API key of Stripe: put it there as plain text (sk_...)`,
    });
  },
);
