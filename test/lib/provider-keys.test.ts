import { describe, expect, it } from 'vitest';
import { realProviders, synthesizeOrders } from './synthesized.ts';

const real = synthesizeOrders(realProviders);
const secrets = real.ofType('AWS::SecretsManager::Secret').filter(({ path }) => path.startsWith('ProviderKeys/'));

describe("the providers' keys", () => {
  it('have a secret each, and an output that says where they go', () => {
    expect(secrets.map(({ path }) => path)).toEqual(['ProviderKeys/Stripe/Resource', 'ProviderKeys/EasyPost/Resource']);
    const { StripeKeySecretArn, EasypostKeySecretArn } = real.template.Outputs;
    expect(real.text(StripeKeySecretArn.Value)).toBe('ProviderKeys/Stripe');
    expect(real.text(EasypostKeySecretArn.Value)).toBe('ProviderKeys/EasyPost');
  });

  it('begin as a text that is none: another text would be written over the key by the next deployment', () => {
    for (const { properties } of secrets) {
      expect(properties.SecretString).toBe('no key yet: put the API key here, as plain text');
      expect(properties).not.toHaveProperty('GenerateSecretString');
    }
  });

  it('are in no variable of a function and nowhere else in the template', () => {
    const text = JSON.stringify(real.template);
    expect(text.match(/no key yet/g)).toHaveLength(secrets.length);
    expect(text).not.toContain('resolve:secretsmanager');
  });
});
