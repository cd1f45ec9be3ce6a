import { PayloadTooLarge } from '../domain/errors.ts';

/**
 * Step Functions ends an execution whose state data passes 256 KiB, in some places with an error that no Catch sees
 * (`States.DataLimitExceeded`). A step's output is refused well below that, with an error that can be caught.
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
