import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({});
const cache = new Map<string, { text: Promise<string>; readAt: number }>();

/** A rotation reaches every function within this time, without a deployment. */
const maxAgeMs = 5 * 60 * 1000;
/**
 * How old a copy may be when something did not verify: young enough that a key that was just added works, and old enough
 * that guessing at signatures cannot make us ask Secrets Manager more than six times a minute.
 */
export const suspiciousAgeMs = 10 * 1000;

/** The text of a secret, kept in memory for `ageMs`. A failed read is not kept. */
export function secretText(arn: string, ageMs = maxAgeMs): Promise<string> {
  const known = cache.get(arn);
  if (known && Math.abs(Date.now() - known.readAt) < ageMs) return known.text;
  const text = client.send(new GetSecretValueCommand({ SecretId: arn })).then((secret) => {
    if (secret.SecretString) return secret.SecretString;
    throw new Error(`secret ${arn} has no text`);
  });
  cache.set(arn, { text, readAt: Date.now() });
  text.catch(() => cache.delete(arn));
  return text;
}
