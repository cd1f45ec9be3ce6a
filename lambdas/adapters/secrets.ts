import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({});
/** `readAt`: when the text was; `askedAt`: when Secrets Manager was asked last, which may have failed since. */
interface Copy {
  text: Promise<string>;
  readAt: number;
  askedAt: number;
}
const copies = new Map<string, Copy>();

/** A rotation reaches every function within this time, without a deployment. */
const maxAgeMs = 5 * 60 * 1000;
/**
 * How old a copy may be when something did not verify: young enough that a key that was just added works, and old enough
 * that guessing at signatures cannot make us ask Secrets Manager more than six times a minute.
 */
export const suspiciousAgeMs = 10 * 1000;

/**
 * The text of a secret, kept in memory for `ageMs`. A read that fails is not kept; where a younger copy than the caller
 * has was only wished for, the one that is there must do: no forged link makes a good one fail while Secrets Manager does.
 */
export function secretText(arn: string, ageMs = maxAgeMs): Promise<string> {
  const now = Date.now();
  const known = copies.get(arn);
  const isUsable = known !== undefined && Math.abs(now - known.readAt) < maxAgeMs;
  if (isUsable && Math.abs(now - known.askedAt) < ageMs) return known.text;
  const text: Promise<string> = read(arn).catch((error) => {
    // Another call may have read it meanwhile.
    if (copies.get(arn)?.text === text) {
      if (isUsable) copies.set(arn, { ...known, askedAt: now });
      else copies.delete(arn);
    }
    if (isUsable) return known.text;
    throw error;
  });
  copies.set(arn, { text, readAt: now, askedAt: now });
  return text;
}

async function read(arn: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (SecretString) return SecretString;
  throw new Error(`secret ${arn} has no text`);
}
