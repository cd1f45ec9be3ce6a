/**
 * Milliseconds since the epoch of an RFC 3339 date-time as Step Functions reads it (`T` and a zone are a must);
 * undefined if the text is none.
 */
export function parseTimestamp(text: string): number | undefined {
  throw new Error('not yet');
}
