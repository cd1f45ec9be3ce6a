/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const maxDataBytes = 262_144;

/** An Express execution has no such limit; ours only stops a machine that runs in circles without ever waiting. */
export const maxEvents = { STANDARD: 25_000, EXPRESS: 250_000 };

/** A redrive needs room for ExecutionRedriven and at least one more event. */
export function canBeRedriven(lastEventId: number): boolean {
  return lastEventId < maxEvents.STANDARD - 1;
}

/** Of one map run. */
export const maxRedrives = 1000;

/** "The maximum task, process or wait time" of an Express execution. */
export const expressTimeoutSeconds = 300;

/** More than the longest wait that AWS can represent: 2^31 - 1 seconds. */
export const maxWaitSeconds = 2_147_483_647;

/** At most so many iterations of an inline Map run at a time. */
export const maxInlineConcurrency = 40;

/** Of a distributed Map at a time. The service allows 10 000; here they share one process. */
export const maxChildExecutions = 1000;

export function isTooLong(text: string): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need no counting.
  return text.length * 3 > maxDataBytes && Buffer.byteLength(text) > maxDataBytes;
}
