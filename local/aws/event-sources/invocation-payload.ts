/** Lambda takes 6 MiB in one invocation. */
const largestBytes = 6_291_456;

/** The event (JSON text) for a batch; undefined if it is too large for one invocation and has to be halved. */
export function invocationPayload(records: readonly object[]): string | undefined {
  const payload = JSON.stringify({ Records: records });
  return records.length > 1 && Buffer.byteLength(payload) > largestBytes ? undefined : payload;
}
