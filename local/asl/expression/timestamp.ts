const dateTime =
  /^(\d{4}-(\d\d)-(\d\d))T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-8]):[0-5]\d)$/;

/**
 * Milliseconds since the epoch of an RFC 3339 date-time as Step Functions reads it (`T` and a zone are a must);
 * undefined if the text is none.
 */
export function parseTimestamp(text: string): number | undefined {
  const found = dateTime.exec(text);
  if (!found) return undefined;
  // Date would make the 1st of March of a 30th of February; the service refuses it.
  const day = new Date(`${found[1]}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(found[3])) return undefined;
  return Date.parse(text);
}
