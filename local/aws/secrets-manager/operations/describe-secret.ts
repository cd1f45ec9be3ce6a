import { describedSecret } from './described-secret.ts';
import type { SecretsOperation } from './operation.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret: SecretsOperation =
  ({ store }) =>
  ({ SecretId }) =>
    describedSecret(store.find(SecretId));
