import type { FunctionResult } from '../../engine/ports.ts';

/**
 * Which of `identifiers` failed, in their order, by a function's answer with ReportBatchItemFailures. An answer that is malformed or names
 * something that was not in the batch fails the whole batch; an empty one is a success.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedItems(
  result: FunctionResult,
  identifiers: readonly string[],
  reported: boolean,
): readonly string[] {
  if (result.functionError) return identifiers;
  if (!reported) return [];
  const answer: unknown = JSON.parse(result.payload);
  if (answer === null || answer === '') return [];
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return identifiers;
  const failed = new Set(failures.map((failure) => failure?.itemIdentifier));
  const known = new Set(identifiers);
  if (![...failed].every((identifier) => known.has(identifier))) return identifiers;
  return identifiers.filter((identifier) => failed.has(identifier));
}
