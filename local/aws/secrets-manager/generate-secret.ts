import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { Flag } from '../../template/parse-properties.ts';

/** `GenerateSecretString` of AWS::SecretsManager::Secret. */
export const GenerateSecretString = z.object({
  PasswordLength: z.coerce.number().int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: Flag.default(false),
  ExcludeUppercase: Flag.default(false),
  ExcludeNumbers: Flag.default(false),
  ExcludePunctuation: Flag.default(false),
  IncludeSpace: Flag.default(false),
  RequireEachIncludedType: Flag.default(true),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
});

/** A random password, or with `SecretStringTemplate` that JSON object with the password as member `GenerateStringKey`. */
export function generateSecret(options: z.infer<typeof GenerateSecretString>): string {
  const password = generatePassword(options);
  if (options.SecretStringTemplate === undefined || options.GenerateStringKey === undefined) return password;
  const members = JSON.parse(options.SecretStringTemplate) as Record<string, unknown>;
  return JSON.stringify({ ...members, [options.GenerateStringKey]: password });
}

function generatePassword(options: z.infer<typeof GenerateSecretString>): string {
  const types = [
    options.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.ExcludeNumbers ? '' : '0123456789',
    options.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    options.IncludeSpace ? ' ' : '',
  ]
    .map((type) => [...type].filter((character) => !options.ExcludeCharacters.includes(character)))
    .filter((type) => type.length > 0);
  const all = types.flat();
  if (all.length === 0) throw new Error('a generated secret with every character excluded');
  const required = options.RequireEachIncludedType ? types.slice(0, options.PasswordLength).map(pick) : [];
  const rest = Array.from({ length: options.PasswordLength - required.length }, () => pick(all));
  return shuffled([...required, ...rest]).join('');
}

const pick = (characters: string[]): string => characters[randomInt(characters.length)]!;

function shuffled(characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other]!, characters[last]!];
  }
  return characters;
}
