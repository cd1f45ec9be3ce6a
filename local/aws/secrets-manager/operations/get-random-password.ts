import { ServiceError } from '../../../engine/ports.ts';
import { GenerateSecretString, generateSecret } from '../generate-secret.ts';
import type { SecretsOperation } from './operation.ts';

const options = GenerateSecretString.omit({ SecretStringTemplate: true, GenerateStringKey: true });

/** What rotation functions make new values with. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
export const getRandomPassword: SecretsOperation = () => (input) => {
  const parsed = options.safeParse(input);
  if (parsed.success) return { RandomPassword: generateSecret(parsed.data) };
  throw new ServiceError('InvalidParameterException', parsed.error.issues[0]!.message);
};
