/** Service quotas of Step Functions. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */

/** Input, output and task results, UTF-8 bytes. */
export const largestPayloadBytes = 262_144;

export const largestDefinitionBytes = 1_048_576;

/** After its end an execution can be redriven for 14 days. */
export const redrivableMs = 14 * 24 * 60 * 60 * 1000;

/** A name stays taken this long after its execution ended; the history is kept as long. */
export const nameReservationMs = 90 * 24 * 60 * 60 * 1000;
