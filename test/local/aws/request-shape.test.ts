import { expect, test } from 'vitest';
import { checkRequest } from '../../../local/aws/request-shape.ts';

const shape = {
  arn: { type: 'text', required: true, min: 1, max: 10 },
  count: { type: 'integer', min: 0, max: 5 },
  kind: { type: 'text', oneOf: ['A', 'B'] },
  secret: { type: 'text', max: 3, secret: true },
} as const;

const failure = (input: Record<string, unknown>) => {
  try {
    checkRequest(shape, input);
  } catch (error) {
    return error as Error;
  }
  return undefined;
};

test('a request that fits is handed on without what the shape does not know', () => {
  expect(checkRequest(shape, { arn: 'a', count: 5, kind: 'A', more: true })).toEqual({ arn: 'a', count: 5, kind: 'A' });
  expect(checkRequest(shape, { arn: 'a', count: null })).toEqual({ arn: 'a' });
});

test('all violations are listed in one error, in the words of the service', () => {
  expect(failure({ count: 6, kind: 'a' })).toMatchObject({
    name: 'ValidationException',
    message:
      "3 validation errors detected: Value null at 'arn' failed to satisfy constraint: Member must not be null; " +
      "Value '6' at 'count' failed to satisfy constraint: Member must have value less than or equal to 5; " +
      "Value 'a' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
  });
});

test('a secret value is not repeated', () => {
  expect(failure({ arn: 'a', secret: 'long' })?.message).toBe(
    "1 validation error detected: Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 3",
  );
});

test('a member of another JSON type is a SerializationException', () => {
  expect(failure({ arn: 1 })?.name).toBe('SerializationException');
  expect(failure({ arn: ['a'] })?.name).toBe('SerializationException');
  expect(failure({ arn: 'a', count: 1.5 })?.name).toBe('SerializationException');
});
