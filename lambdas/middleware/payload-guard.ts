import { PayloadTooLarge } from '../domain/errors.ts';

/**
 * Step Functions ends an execution whose state data passes 262,144 bytes of UTF-8, in some places with an error that no Catch
 * sees (`States.DataLimitExceeded`). A step's output is refused 56 KiB below that, with an error that can be caught: the margin
 * is for Lambda's answer around it (its headers too) and for what Output puts beside it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const maxOutputBytes = 200 * 1024;

/** Returns the output unchanged, or throws `PayloadTooLarge`. */
export function guardPayload<Output>(step: string, output: Output): Output {
  const bytes = Buffer.byteLength(JSON.stringify(output) ?? '');
  if (bytes <= maxOutputBytes) return output;
  throw new PayloadTooLarge(
    `${step} would return ${bytes} bytes, more than the ${maxOutputBytes} allowed: ` +
      'put the data where the next step can load it, and return a reference',
  );
}
