import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CannotStart } from '../../cannot-start.ts';
import { type Clock, ServiceError } from '../../engine/ports.ts';
import type { Assembly, Resource } from '../../template/load-assembly.ts';
import { Flag, parseProperties } from '../../template/parse-properties.ts';
import { GenerateSecretString, generateSecret } from './generate-secret.ts';
import type { SecretsService } from './operations/operation.ts';
import { checkRules } from './rotation-rules.ts';
import { RotationRules } from './secret.ts';
import type { SecretStore } from './secret-store.ts';
import { addVersion, current } from './versions.ts';

const SecretProperties = z.object({
  Description: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: GenerateSecretString.optional(),
});

const ScheduleProperties = z.object({
  SecretId: z.string(),
  RotationLambdaARN: z.string({ error: 'only rotation by a function of the app runs locally' }),
  RotationRules: RotationRules.default({}),
  RotateImmediatelyOnUpdate: Flag.default(true),
  HostedRotationLambda: z.undefined({ error: 'hosted rotation functions do not run locally' }).optional(),
});

const digestOf = (value: string) => createHash('sha256').update(value).digest('hex');

/** Makes what the template has and the file has not. */
export function makeSecrets({ all, save }: SecretStore, assembly: Assembly, clock: Clock): void {
  for (const resource of assembly.ofType('AWS::SecretsManager::Secret')) {
    const properties = parseProperties(resource, SecretProperties);
    const arn = assembly.ref(resource.logicalId);
    const name = arn.slice(arn.indexOf(':secret:') + ':secret:'.length, -7);
    let secret = all.find((one) => one.arn === arn);
    const literal = properties.SecretString;
    const templateDigest = literal === undefined ? undefined : digestOf(literal);
    if (secret && (templateDigest === undefined || templateDigest === secret.templateDigest)) continue;
    const now = clock.now();
    if (!secret) {
      secret = { name, arn, description: properties.Description, versions: {}, createdAt: now, changedAt: now };
      all.push(secret);
    }
    secret.templateDigest = templateDigest;
    const value = literal ?? generateSecret(properties.GenerateSecretString ?? GenerateSecretString.parse({}));
    addVersion(secret, randomUUID(), { secretString: value }, [current], now);
    save();
  }
}

/** Applies rotation schedules that are new, changed or gone, as a deployment does: a new one rotates at once, unless it says not to. */
export function applySchedules({ store, rotations, hasFunction }: SecretsService, assembly: Assembly): void {
  const scheduled = new Set<string>();
  for (const resource of assembly.ofType('AWS::SecretsManager::RotationSchedule')) {
    const properties = parseProperties(resource, ScheduleProperties);
    const { SecretId, RotationLambdaARN: lambdaArn, RotationRules: rules, RotateImmediatelyOnUpdate } = properties;
    const secret = refusing(resource, () => {
      checkRules(rules);
      if (!hasFunction(lambdaArn))
        throw new ServiceError('AccessDeniedException', `there is no function ${lambdaArn}.`);
      return store.find(SecretId);
    });
    scheduled.add(secret.arn);
    const templateDigest = digestOf(JSON.stringify({ lambdaArn, rules, RotateImmediatelyOnUpdate }));
    if (secret.rotation?.templateDigest === templateDigest) continue;
    secret.rotation = { ...secret.rotation, enabled: true, lambdaArn, rules, templateDigest };
    rotations.reschedule(secret);
    // One that is under way goes on, with the function of now.
    if (!secret.rotation.underWay) rotations.begin(secret, RotateImmediatelyOnUpdate ? 'rotate' : 'test');
    store.save();
  }
  for (const secret of store.all) {
    if (!secret.rotation?.templateDigest || scheduled.has(secret.arn)) continue;
    const { templateDigest, underWay, nextAt, ...rest } = secret.rotation;
    secret.rotation = { ...rest, enabled: false };
    store.save();
  }
}

function refusing<Result>({ logicalId, type }: Resource, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof ServiceError) throw new CannotStart(`${logicalId} (${type}): ${error.message}`);
    throw error;
  }
}
