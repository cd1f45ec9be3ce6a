import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';
import { type Clock, ServiceError } from '../engine/ports.ts';
import type { Assembly } from '../template/load-assembly.ts';
import { parseProperties } from '../template/parse-properties.ts';
import { writeAtomically } from '../write-atomically.ts';
import { GenerateSecretString, generateSecret } from './generate-secret.ts';

const Version = z.object({
  secretString: z.string().optional(),
  /** Base64. */
  secretBinary: z.string().optional(),
  stages: z.array(z.string()),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
});

const Secret = z.object({
  name: z.string(),
  arn: z.string(),
  description: z.string().optional(),
  /** Digest of a value that stands in the template: a changed template gives a new version, anything else keeps what is there. */
  templateDigest: z.string().optional(),
  versions: z.record(z.string(), Version),
  createdAt: z.number(),
  changedAt: z.number(),
});
type Secret = z.infer<typeof Secret>;

const SecretProperties = z.object({
  Description: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: GenerateSecretString.optional(),
});

/**
 * Secrets Manager: secrets of the template, made once and kept in `file`.
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
 */
export function openSecretsManager({ file, clock, assembly }: { file: string; clock: Clock; assembly: Assembly }) {
  const secrets = readSecrets(file);
  const save = () => writeAtomically(file, `${JSON.stringify(secrets, null, 2)}\n`);
  if (addMissing(secrets, assembly, clock)) save();

  const find = (id: unknown): Secret => {
    const secret = secrets.find(
      ({ name, arn }) => id === name || id === arn || (typeof id === 'string' && arn.slice(0, -7) === id),
    );
    if (!secret)
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };

  const operations: Record<string, (input: Record<string, unknown>) => Promise<object>> = {
    async GetSecretValue(input) {
      const secret = find(input.SecretId);
      const stage = input.VersionStage ?? (input.VersionId === undefined ? 'AWSCURRENT' : undefined);
      const [versionId, version] =
        Object.entries(secret.versions).find(
          ([id, one]) =>
            (input.VersionId === undefined || id === input.VersionId) &&
            (stage === undefined || one.stages.includes(String(stage))),
        ) ?? [];
      if (!version) {
        const wanted = stage === undefined ? `VersionId: ${input.VersionId}` : `staging label: ${stage}`;
        throw new ServiceError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${wanted}`,
        );
      }
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: versionId,
        ...(version.secretString === undefined ? {} : { SecretString: version.secretString }),
        ...(version.secretBinary === undefined ? {} : { SecretBinary: version.secretBinary }),
        VersionStages: version.stages,
        CreatedDate: version.createdAt / 1000,
      };
    },

    async DescribeSecret(input) {
      return describe(find(input.SecretId));
    },

    async ListSecrets() {
      return { SecretList: secrets.map(describe) };
    },

    async PutSecretValue(input) {
      const secret = find(input.SecretId);
      const versionId = String(input.ClientRequestToken ?? randomUUID());
      const value = givenValue(input);
      const existing = secret.versions[versionId];
      if (existing && (existing.secretString !== value.secretString || existing.secretBinary !== value.secretBinary)) {
        throw new ServiceError(
          'ResourceExistsException',
          `A resource with the ID you requested already exists: version ${versionId} has another value.`,
        );
      }
      const stages = Array.isArray(input.VersionStages) ? input.VersionStages.map(String) : ['AWSCURRENT'];
      if (!existing) putVersion(secret, versionId, value, stages, clock);
      save();
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: versionId,
        VersionStages: secret.versions[versionId]!.stages,
      };
    },

    async UpdateSecretVersionStage(input) {
      const secret = find(input.SecretId);
      const stage = String(input.VersionStage);
      const to = input.MoveToVersionId === undefined ? undefined : secret.versions[String(input.MoveToVersionId)];
      if (input.MoveToVersionId !== undefined && !to) {
        throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret version.");
      }
      moveStage(secret, stage, to);
      secret.changedAt = clock.now();
      save();
      return { ARN: secret.arn, Name: secret.name };
    },
  };
  return { operations };
}

/** Makes what the template has and the file has not; `true` if anything changed. */
function addMissing(secrets: Secret[], assembly: Assembly, clock: Clock): boolean {
  let changed = false;
  for (const resource of assembly.ofType('AWS::SecretsManager::Secret')) {
    const properties = parseProperties(resource, SecretProperties);
    const arn = assembly.ref(resource.logicalId);
    const name = arn.slice(arn.indexOf(':secret:') + ':secret:'.length, -7);
    let secret = secrets.find((one) => one.arn === arn);
    const literal = properties.SecretString;
    const templateDigest = literal === undefined ? undefined : createHash('sha256').update(literal).digest('hex');
    if (secret && (templateDigest === undefined || templateDigest === secret.templateDigest)) continue;
    const now = clock.now();
    if (!secret) {
      secret = { name, arn, description: properties.Description, versions: {}, createdAt: now, changedAt: now };
      secrets.push(secret);
    }
    secret.templateDigest = templateDigest;
    const value = literal ?? generateSecret(properties.GenerateSecretString ?? GenerateSecretString.parse({}));
    putVersion(secret, randomUUID(), { secretString: value }, ['AWSCURRENT'], clock);
    changed = true;
  }
  return changed;
}

function putVersion(
  secret: Secret,
  versionId: string,
  value: { secretString?: string; secretBinary?: string },
  stages: string[],
  clock: Clock,
): void {
  const version = { ...value, stages: [], createdAt: clock.now() };
  secret.versions[versionId] = version;
  for (const stage of stages) moveStage(secret, stage, version);
  // A version without a stage is one that Secrets Manager may delete at any time; here at once.
  for (const [id, { stages: left }] of Object.entries(secret.versions))
    if (left.length === 0) delete secret.versions[id];
  secret.changedAt = clock.now();
}

/** A stage is on one version only; the version that loses AWSCURRENT becomes AWSPREVIOUS. */
function moveStage(secret: Secret, stage: string, to: z.infer<typeof Version> | undefined): void {
  const from = Object.values(secret.versions).find(({ stages }) => stages.includes(stage));
  if (from === to) return;
  if (from) from.stages = from.stages.filter((one) => one !== stage);
  to?.stages.push(stage);
  if (stage === 'AWSCURRENT' && from) moveStage(secret, 'AWSPREVIOUS', from);
}

function givenValue(input: Record<string, unknown>): { secretString?: string; secretBinary?: string } {
  if (typeof input.SecretString === 'string') return { secretString: input.SecretString };
  if (typeof input.SecretBinary === 'string') return { secretBinary: input.SecretBinary };
  throw new ServiceError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
}

function describe(secret: Secret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === undefined ? {} : { Description: secret.description }),
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: secret.changedAt / 1000,
    VersionIdsToStages: Object.fromEntries(Object.entries(secret.versions).map(([id, { stages }]) => [id, stages])),
  };
}

function readSecrets(file: string): Secret[] {
  if (!existsSync(file)) return [];
  try {
    return z.array(Secret).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new CannotStart(`The state folder is damaged: ${file} is not a list of secrets.`);
  }
}
