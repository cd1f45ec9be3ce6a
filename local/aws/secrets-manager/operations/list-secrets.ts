import { describedSecret } from './described-secret.ts';
import type { SecretsOperation } from './operation.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets: SecretsOperation =
  ({ store }) =>
  () => ({
    SecretList: store.all.map((secret) => {
      const { VersionIdsToStages, ...described } = describedSecret(secret);
      return { ...described, SecretVersionsToStages: VersionIdsToStages };
    }),
  });
