import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guardPayload, maxOutputBytes } from '../../../lambdas/middleware/payload-guard.ts';
import { drive } from '../../support/interpreter-driver.ts';

/** An output whose JSON has exactly this many bytes: two of them are its quotes. */
const ofBytes = (bytes: number) => 'x'.repeat(bytes - 2);

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const mostStateBytes = 262_144;
/** What was taken along before may be beside it. */
const takenAlongBytes = 32 * 1024;

test('an output of the limit passes unchanged, one byte more is refused by a name that can be caught', () => {
  const output = ofBytes(maxOutputBytes);
  expect(guardPayload('ChargePayment', output)).toBe(output);
  expect(() => guardPayload('ChargePayment', ofBytes(maxOutputBytes + 1))).toThrow(
    expect.objectContaining({ name: 'PayloadTooLarge', message: expect.stringContaining('ChargePayment') }),
  );
});

test('bytes count, not characters', () => {
  expect(() => guardPayload('ChargePayment', '€'.repeat(maxOutputBytes / 2))).toThrow('bytes');
});

test('a step may return nothing', () => {
  expect(guardPayload('ChargePayment', undefined)).toBeUndefined();
});

/** What Step Functions has as the result of a Lambda: the output, and all that the service says about the call. */
const resultOf = (output: string) => {
  const headers = { 'x-amzn-Trace-Id': 'x'.repeat(500), 'X-Amz-Executed-Version': '$LATEST', Date: 'x'.repeat(30) };
  const HttpHeaders = { ...headers, 'Content-Type': 'application/json', 'x-amz-log-result': 'x'.repeat(8 * 1024) };
  const SdkHttpMetadata = { AllHttpHeaders: HttpHeaders, HttpHeaders, HttpStatusCode: 200 };
  const around = {
    ExecutedVersion: '7',
    Payload: 0,
    SdkHttpMetadata,
    SdkResponseMetadata: { RequestId: 'x'.repeat(36) },
  };
  return JSON.stringify({ ...around, StatusCode: 200 }).replace('"Payload":0', () => `"Payload":${output}`);
};

test('what passes is below the limit of Step Functions with everything around it', () => {
  const unit = fc.constantFrom('x', '<', '"', '\\', '/', '\n', '\u0000', '\u007f', 'é', '€', '\u2028', '😀', '\ud83d');
  const piece = fc.array(unit, { maxLength: 20 }).map((units) => units.join(''));
  const text = fc.tuple(piece, fc.nat(3000)).map(([part, times]) => part.repeat(times));
  const output = fc.oneof(text, fc.array(text, { maxLength: 4 }), fc.dictionary(piece, text, { maxKeys: 4 }));
  fc.assert(
    fc.property(output, (value) => {
      fc.pre(Buffer.byteLength(JSON.stringify(value)) <= maxOutputBytes);
      expect(guardPayload('ChargePayment', value)).toBe(value);
      expect(Buffer.byteLength(resultOf(JSON.stringify(value)))).toBeLessThan(mostStateBytes - takenAlongBytes);
    }),
  );
  const most = resultOf(JSON.stringify(ofBytes(maxOutputBytes)));
  expect(Buffer.byteLength(most)).toBeLessThan(mostStateBytes - takenAlongBytes);
});

test.each(['x', '"', '€', '😀', '\u0001'])(
  'an output of %j at the limit goes through a state, and one that is refused is caught',
  async (unit) => {
    const bytes = Buffer.byteLength(JSON.stringify(unit)) - 2;
    const output = { text: unit.repeat(Math.floor((maxOutputBytes - 11) / bytes)) };
    guardPayload('A', output);
    expect(() => guardPayload('A', { text: `${output.text}${unit.repeat(12)}` })).toThrow('bytes');
    const States = {
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'a' },
        Output: { text: '{% $states.result.Payload.text %}', before: '{% $states.input.before %}' },
        Catch: [{ ErrorEquals: ['States.ALL'], Output: { caught: '{% $states.errorOutput.Error %}' }, Next: 'B' }],
        Next: 'B',
      },
      B: { Type: 'Succeed' },
    };
    const definition = { QueryLanguage: 'JSONata', StartAt: 'A', States };
    const went = await drive({
      definition,
      input: { before: 1 },
      tasks: () => ({ resultText: resultOf(JSON.stringify(output)) }),
    });
    expect(went.output).toEqual({ ...output, before: 1 });
    const refused = await drive({ definition, input: { before: 1 }, tasks: () => ({ error: 'PayloadTooLarge' }) });
    expect(refused.output).toEqual({ caught: 'PayloadTooLarge' });
  },
);
