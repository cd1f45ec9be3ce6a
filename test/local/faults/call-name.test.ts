import { describe, expect, test } from 'vitest';
import { createTaskTokens } from '../../../local/engine/task-token.ts';
import { callName, eventName, keyName, lasting } from '../../../local/faults/call-name.ts';

describe('a name leaves out what changes from run to run', () => {
  test.each([
    ['{"at":"2026-11-22T10:00:00.123Z"}', '{"at":"<time>"}'],
    ['{"exp":1790000000,"ms":1790000000123,"n":12}', '{"exp":<time>,"ms":<time>,"n":12}'],
    ['id 0b9f7a2e-5d5c-4b1e-9b1a-0123456789ab', 'id <uuid>'],
    [`sig ${'a1'.repeat(40)}`, 'sig <token>'],
    ['order ord_abcdefghijklmnopqrstuvwxyz', 'order ord_abcdefghijklmnopqrstuvwxyz'],
  ])('%s', (text, expected) => {
    expect(lasting(text)).toBe(expected);
  });

  test('of a task token stays the execution', () => {
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:Machine:ord_1';
    const token = createTaskTokens(Buffer.alloc(32)).mint({ executionArn, executionStartedAt: 5, taskId: '7' });
    expect(lasting(`{"token":"${token}"}`)).toBe('{"token":"ord_1"}');
  });

  test('what is long is cut, and still told apart', () => {
    const [one, other] = ['a', 'b'].map((end) => callName('x'.repeat(500), end));
    expect(one!.length).toBeLessThan(200);
    expect(one).not.toBe(other);
    expect(callName('x'.repeat(500), 'a')).toBe(one);
  });
});

describe('an event is named by what it is about', () => {
  test('a message by its body, a change by its key, a request by its path and Idempotency-Key', () => {
    expect(eventName(JSON.stringify({ Records: [{ messageId: 'm1', body: '{"id":"a"}' }] }))).toBe('{"id":"a"}');
    const Keys = { sk: { S: 'order' }, pk: { S: 'ord_1' } };
    expect(eventName(JSON.stringify({ Records: [{ eventName: 'MODIFY', dynamodb: { Keys } }] }))).toBe(
      'MODIFY ord_1/order',
    );
    const http = { method: 'POST', path: '/orders' };
    const request = { requestContext: { http }, headers: { 'idempotency-key': 'k1' }, body: '{"a":1}' };
    expect(eventName(JSON.stringify(request))).toBe('POST /orders k1 {"a":1}');
    expect(eventName('{"orderId":"ord_1"}')).toBe('{"orderId":"ord_1"}');
    expect(eventName('not JSON')).toBe('not JSON');
  });

  test('the order of a key’s attributes does not matter', () => {
    expect(keyName({ b: { N: '2' }, a: { S: 'x' } })).toBe(keyName({ a: { S: 'x' }, b: { N: '2' } }));
  });
});
