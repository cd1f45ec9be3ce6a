import type { Clock } from '../../../engine/ports.ts';
import type { Operation } from '../../wire.ts';
import type { Rotations } from '../rotations.ts';
import type { SecretStore } from '../secret-store.ts';

/** What the operations of Secrets Manager work on. */
export interface SecretsService {
  store: SecretStore;
  rotations: Rotations;
  clock: Clock;
  /** Whether there is a function of this name or ARN. */
  hasFunction(name: string): boolean;
}

/** Throws ServiceError for what Secrets Manager answers with an error. */
export type SecretsOperation = (service: SecretsService) => Operation;
