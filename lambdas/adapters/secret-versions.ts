import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({});

/** The version that everybody reads, and its text. */
export async function readCurrent(secret: string): Promise<{ versionId: string; text: string }> {
  const found = await client.send(new GetSecretValueCommand({ SecretId: secret, VersionStage: 'AWSCURRENT' }));
  return { versionId: found.VersionId!, text: found.SecretString! };
}

/** The text of one version. Undefined: it is not there, or has no text yet. */
export async function readVersion(secret: string, versionId: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: secret, VersionId: versionId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Writes a version that nobody reads yet. A version never changes: one that has a text already keeps it. */
export async function writePending(secret: string, versionId: string, text: string): Promise<void> {
  try {
    await client.send(
      new PutSecretValueCommand({
        SecretId: secret,
        ClientRequestToken: versionId,
        SecretString: text,
        VersionStages: ['AWSPENDING'],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
  }
}

/** Whether everybody reads this version. */
export async function isCurrent(secret: string, versionId: string): Promise<boolean> {
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: secret }));
  return VersionIdsToStages?.[versionId]?.includes('AWSCURRENT') ?? false;
}

/** From now on everybody reads `versionId`. Refused by Secrets Manager when `from` is not the current one any more. */
export async function makeCurrent(secret: string, versionId: string, from: string): Promise<void> {
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secret,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: versionId,
      RemoveFromVersionId: from,
    }),
  );
}
