import { createHash } from 'node:crypto';

const algorithms: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Lower-case hex; undefined if Step Functions does not know the algorithm. */
export function hashOf(text: string, algorithm: unknown): string | undefined {
  const name =
    typeof algorithm === 'string' && Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined;
  return name && createHash(name).update(text, 'utf8').digest('hex');
}
