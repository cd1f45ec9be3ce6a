import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { isCurrent, makeCurrent, readCurrent, readVersion, writePending } from '../adapters/secret-versions.ts';
import { parseCallbackKeys } from '../domain/callback-signature.ts';
import { checkRotation, rotatedSecret, UnusableRotation } from '../domain/key-rotation.ts';
import { logger } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';

/** What Secrets Manager sends: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
const rotationEvent = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string().min(1),
  /** The id of the version that the rotation makes. */
  ClientRequestToken: z.string().min(1),
});

/**
 * One step of a rotation of the keys of callback links. Secrets Manager calls the four in their order and may call each
 * any number of times, also again after a crash anywhere in it: a version is written once and never changes, and the
 * label `AWSCURRENT` moves in one call.
 */
export const handler = consumer('RotateCallbackKeys', async (event: unknown): Promise<void> => {
  const { Step: step, SecretId: secret, ClientRequestToken: version } = rotationEvent.parse(event);
  logger.info('rotation', { step, version });
  if (await isCurrent(secret, version)) return;
  await steps[step](secret, version);
});

const steps: Record<z.infer<typeof rotationEvent>['Step'], (secret: string, version: string) => Promise<void>> = {
  async createSecret(secret, version) {
    const { text } = await readCurrent(secret);
    // 48 random bytes: 64 characters, as the key that the stack began with.
    await writePending(secret, version, rotatedSecret(parseCallbackKeys(text), randomBytes(48).toString('base64url')));
  },
  /** The keys are known to nobody but us: there is no other party to tell. */
  async setSecret() {},
  async testSecret(secret, version) {
    await checked(secret, version);
  },
  async finishSecret(secret, version) {
    await makeCurrent(secret, version, (await checked(secret, version)).replaces);
  },
};

/** The id of the version that this one may replace. Checked again before it does: hours may lie between two steps. */
async function checked(secret: string, version: string): Promise<{ replaces: string }> {
  const [pending, current] = await Promise.all([readVersion(secret, version), readCurrent(secret)]);
  if (pending === undefined) throw new UnusableRotation('the new version of the secret has no value');
  checkRotation(current.text, pending);
  return { replaces: current.versionId };
}
