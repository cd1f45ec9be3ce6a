import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CannotStart } from '../../cannot-start.ts';
import { ServiceError } from '../../engine/ports.ts';
import { writeAtomically } from '../../write-atomically.ts';
import { Secret } from './secret.ts';

export interface SecretStore {
  readonly all: Secret[];
  /** By name, ARN, or ARN without its last part. Throws ResourceNotFoundException. */
  find(id: unknown): Secret;
  /** On the disk when it returns. */
  save(): void;
}

export function openSecretStore(file: string): SecretStore {
  const all = readSecrets(file);
  return {
    all,
    find(id) {
      const secret = all.find(
        ({ name, arn }) => id === name || id === arn || (typeof id === 'string' && arn.slice(0, -7) === id),
      );
      if (secret) return secret;
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    },
    save: () => writeAtomically(file, `${JSON.stringify(all, null, 2)}\n`),
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
