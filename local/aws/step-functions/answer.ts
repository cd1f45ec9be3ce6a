import { ServiceError } from '../../engine/ports.ts';

/** AWS JSON has times as seconds since the epoch, with a fraction. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

/** A position in a list as the opaque text that a client brings back for the next page. */
export function writeToken(position: number): string {
  return Buffer.from(JSON.stringify({ position })).toString('base64url');
}

/** Throws InvalidToken. */
export function readToken(token: string | undefined): number | undefined {
  if (token === undefined) return undefined;
  try {
    const { position } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { position: unknown };
    if (Number.isSafeInteger(position) && (position as number) >= 0) return position as number;
  } catch {
    // Not one of ours: answered below.
  }
  throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
}

/** Page size when the client names none, or 0. */
const usualResults = 100;

export function pageSize(maxResults: number | undefined): number {
  return maxResults || usualResults;
}

/** One page of a short list that is in memory as a whole. */
export function page<T>(
  items: T[],
  { maxResults, nextToken }: { maxResults: number | undefined; nextToken: string | undefined },
): { items: T[]; nextToken?: string } {
  const from = readToken(nextToken) ?? 0;
  const to = from + pageSize(maxResults);
  return { items: items.slice(from, to), ...(to < items.length && { nextToken: writeToken(to) }) };
}

/** `member: value`, unless the value is missing: AWS leaves members out, it does not answer null. */
export function optional<M extends string, V>(member: M, value: V | null | undefined): Partial<Record<M, V>> {
  return value === null || value === undefined ? {} : ({ [member]: value } as Record<M, V>);
}
