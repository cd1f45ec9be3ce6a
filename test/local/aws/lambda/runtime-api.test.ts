import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRuntimeApi, type RuntimeApi, type RuntimeEvent } from '../../../../local/aws/lambda/runtime-api.ts';

/** A runtime as anyone would write it: one request after the other, each answer awaited. */
let api: RuntimeApi;
const answers: string[] = [];
let give: ((event: RuntimeEvent) => void) | undefined;
beforeAll(async () => {
  api = await openRuntimeApi();
  api.register('env1', {
    next: (answer) => {
      give = answer;
      answer({ headers: { 'Lambda-Runtime-Aws-Request-Id': 'r-1' }, payload: '{"n":"ü"}' });
    },
    answer(requestId, kind, body) {
      answers.push(`${requestId} ${kind} ${body}`);
      return requestId === 'r-1';
    },
    initError: (body) => void answers.push(`init ${body}`),
  });
});
afterAll(() => api.close());

const request = (path: string, body?: string, environment = 'env1') =>
  fetch(
    `http://${api.addressOf(environment)}/2018-06-01/runtime/${path}`,
    body === undefined ? {} : { method: 'POST', body },
  );

test('next gives the event with its headers', async () => {
  const response = await request('invocation/next');
  expect(response.status).toBe(200);
  expect(response.headers.get('lambda-runtime-aws-request-id')).toBe('r-1');
  expect(await response.json()).toEqual({ n: 'ü' });
  expect(give).toBeTypeOf('function');
});

test.each([
  ['invocation/r-1/response', '{"ok":true}', 'r-1 response {"ok":true}'],
  ['invocation/r-1/error', '{"errorType":"X"}', 'r-1 error {"errorType":"X"}'],
  ['init/error', '{"errorType":"Y"}', 'init {"errorType":"Y"}'],
  ['invocation/r-1/response', 'x'.repeat(3_000_000), `r-1 response ${'x'.repeat(3_000_000)}`],
])('%s is accepted', async (path, body, heard) => {
  const response = await request(path, body);
  expect([response.status, await response.json()]).toEqual([202, { status: 'OK' }]);
  expect(answers.at(-1)).toBe(heard);
});

test.each([
  ['an answer to an invocation that is not in hand', 'invocation/r-9/response', '{}', 'env1', 400, 'InvalidRequestID'],
  ['a request of an environment that is not there', 'invocation/next', undefined, 'env9', 404, 'NotFound'],
  ['another path', 'nonsense', undefined, 'env1', 404, 'NotFound'],
])('%s is refused', async (_what, path, body, environment, status, errorType) => {
  const response = await request(path, body, environment);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ errorType });
});
