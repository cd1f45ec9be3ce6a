import { PayloadTooLarge } from '../domain/errors.ts';

/**
 * Step Functions ends an execution whose state data passes 262,144 bytes, in some places with an error that no Catch sees
 * (`States.DataLimitExceeded`). What it counts is not the step's output alone: Lambda's answer is around it (its headers too),
 * and what Output makes of it; nor is it said how it writes the text that it counts. 32 KiB fit however it is written: a
 * character has at most six bytes, as `\u003c`, and the rest, 64 KiB, is for what is around it. Steps return a reference and a
 * few fields. An output that is larger is refused with an error that can be caught.
 */
export const maxOutputBytes = 32 * 1024;

/** Returns the output unchanged, or throws `PayloadTooLarge`. */
export function guardPayload<Output>(step: string, output: Output): Output {
  const bytes = Buffer.byteLength(JSON.stringify(output) ?? '');
  if (bytes <= maxOutputBytes) return output;
  throw new PayloadTooLarge(
    `${step} would return ${bytes} bytes, more than the ${maxOutputBytes} allowed: ` +
      'put the data where the next step can load it, and return a reference',
  );
}
