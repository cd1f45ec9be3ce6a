import type { Clock, FunctionInvoker } from '../../engine/ports.ts';
import type { Assembly } from '../../template/load-assembly.ts';
import type { JsonService } from '../wire.ts';
import { cancelRotateSecret } from './operations/cancel-rotate-secret.ts';
import { describeSecret } from './operations/describe-secret.ts';
import { getRandomPassword } from './operations/get-random-password.ts';
import { getSecretValue } from './operations/get-secret-value.ts';
import { listSecretVersionIds } from './operations/list-secret-version-ids.ts';
import { listSecrets } from './operations/list-secrets.ts';
import type { SecretsService } from './operations/operation.ts';
import { putSecretValue } from './operations/put-secret-value.ts';
import { rotateSecret } from './operations/rotate-secret.ts';
import { updateSecretVersionStage } from './operations/update-secret-version-stage.ts';
import { createRotations, type Rotations } from './rotations.ts';
import { openSecretStore } from './secret-store.ts';
import { applySchedules, makeSecrets } from './template-secrets.ts';

export interface SecretsManagerOptions {
  /** Where the secrets are kept. */
  file: string;
  clock: Clock;
  assembly: Assembly;
  /** The functions of the app; `resolve` throws for one that is not there. */
  functions: FunctionInvoker & { resolve(name: string): unknown };
  /** A sentence for people. */
  warn(message: string): void;
}

export interface SecretsManager extends Pick<Rotations, 'start' | 'settle' | 'stop'> {
  service: JsonService;
}

/**
 * Secrets Manager: secrets of the template, made once and kept in `file`, and their rotation.
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
 */
export function openSecretsManager({ file, clock, assembly, functions, warn }: SecretsManagerOptions): SecretsManager {
  const store = openSecretStore(file);
  makeSecrets(store, assembly, clock);
  const rotations = createRotations({ store, clock, functions, warn });
  const surroundings: SecretsService = { store, rotations, clock, hasFunction };
  applySchedules(surroundings, assembly);

  function hasFunction(name: string): boolean {
    try {
      functions.resolve(name);
      return true;
    } catch {
      return false;
    }
  }

  const operations = {
    GetSecretValue: getSecretValue(surroundings),
    DescribeSecret: describeSecret(surroundings),
    ListSecrets: listSecrets(surroundings),
    ListSecretVersionIds: listSecretVersionIds(surroundings),
    PutSecretValue: putSecretValue(surroundings),
    UpdateSecretVersionStage: updateSecretVersionStage(surroundings),
    RotateSecret: rotateSecret(surroundings),
    CancelRotateSecret: cancelRotateSecret(surroundings),
    GetRandomPassword: getRandomPassword(surroundings),
  };
  const { start, settle, stop } = rotations;
  return { service: { target: 'secretsmanager', version: '1.1', operations }, start, settle, stop };
}
