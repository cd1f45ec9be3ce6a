import { ServiceError } from '../../engine/ports.ts';
import type { Secret, Version } from './secret.ts';

export const current = 'AWSCURRENT';
export const pending = 'AWSPENDING';
export const previous = 'AWSPREVIOUS';

/** More than these are thinned out, those without a stage, and none that is younger than a day. */
const mostVersions = 100;
const youngMs = 86_400_000;

export function versionWith(secret: Secret, stage: string): [string, Version] | undefined {
  return Object.entries(secret.versions).find(([, { stages }]) => stages.includes(stage));
}

export const hasValue = ({ secretString, secretBinary }: Version): boolean =>
  secretString !== undefined || secretBinary !== undefined;

export function addVersion(
  secret: Secret,
  versionId: string,
  value: Pick<Version, 'secretString' | 'secretBinary'>,
  stages: readonly string[],
  now: number,
): void {
  const version: Version = { ...value, stages: [], createdAt: now };
  secret.versions[versionId] = version;
  for (const stage of stages) moveStage(secret, stage, version);
  secret.changedAt = now;
  thinOut(secret, now);
}

/**
 * A stage is on one version only. The version that loses AWSCURRENT becomes AWSPREVIOUS, and the one that gets it is no longer
 * AWSPENDING: to make it current is what finishes a rotation.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export function moveStage(secret: Secret, stage: string, to: Version | undefined): void {
  const from = versionWith(secret, stage)?.[1];
  if (from === to) return;
  if (from) from.stages = from.stages.filter((one) => one !== stage);
  to?.stages.push(stage);
  if (stage !== current) return;
  if (from) moveStage(secret, previous, from);
  if (to) to.stages = to.stages.filter((one) => one !== pending);
}

/** A version without a stage is deprecated: it can be read by its id, and is deleted some time. */
function thinOut(secret: Secret, now: number): void {
  const versions = Object.entries(secret.versions);
  const deprecated = versions
    .filter(([, { stages, createdAt }]) => stages.length === 0 && createdAt < now - youngMs)
    .sort(([, a], [, b]) => a.createdAt - b.createdAt);
  for (const [id] of deprecated.slice(0, Math.max(versions.length - mostVersions, 0))) delete secret.versions[id];
}

/** The id of a new version, as a caller chose it. */
export function checkedToken(token: unknown): string {
  if (typeof token === 'string' && token.length >= 32 && token.length <= 64) return token;
  throw new ServiceError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
}
