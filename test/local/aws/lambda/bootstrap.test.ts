import { expect, test, vi } from 'vitest';
import { hostWith } from '../../../support/functions.ts';

test.each([
  ['an ES module', { code: { 'index.mjs': 'export const handler = async () => "here";' } }],
  ['CommonJS', { code: { 'index.js': 'exports.handler = async () => "here";' } }],
  [
    '.cjs with computed exports',
    { code: { 'index.cjs': 'const h = { ["hand" + "ler"]: async () => "here" }; module.exports = h;' } },
  ],
  [
    'an ES module by package.json',
    { code: { 'index.js': 'export const handler = async () => "here";', 'package.json': '{"type":"module"}' } },
  ],
  ['another export', { code: { 'app.mjs': 'export const api = { get: () => "here" };' }, handler: 'app.api.get' }],
  ['a default export with the handler', { code: { 'index.mjs': 'export default { handler: () => "here" };' } }],
])('loads a handler from %s', async (_what, fn) => {
  await using host = await hostWith({ fn });
  expect((await host.call('fn')).value).toBe('here');
});

test.each([
  ['Runtime.ImportModuleError', { code: { 'other.mjs': '' } }, "Error: Cannot find module 'index'"],
  [
    'Runtime.ImportModuleError',
    { code: 'import "not-there"; export const handler = 1;' },
    /^Error: Cannot find package 'not-there'/,
  ],
  ['Runtime.UserCodeSyntaxError', { code: 'export const handler = async ( => 1;' }, /^SyntaxError: /],
  ['Runtime.HandlerNotFound', { code: 'export const other = 1;' }, 'index.handler is undefined or not exported'],
  ['Runtime.HandlerNotFound', { code: 'export const handler = 1;' }, 'index.handler is not a function'],
  ['Runtime.MalformedHandlerName', { code: '', handler: 'index' }, /^Bad handler 'index'/],
  ['RangeError', { code: 'throw new RangeError("no table");' }, 'no table'],
  ['Runtime.ExitError', { code: 'process.exit(4);' }, /exit status 4$/],
])('init that fails is reported as %s to everyone who waits, each time', async (errorType, fn, message) => {
  await using host = await hostWith({ fn });
  const expected = {
    functionError: 'Unhandled',
    value: { errorType, errorMessage: typeof message === 'string' ? message : expect.stringMatching(message) },
  };
  const together = await Promise.all([host.call('fn'), host.call('fn')]);
  for (const answer of [...together, await host.call('fn')]) expect(answer).toMatchObject(expected);
});

test('init that never ends is killed', async () => {
  await using host = await hostWith({ fn: { code: 'for (;;);' } }, { initTimeoutSeconds: 0.3 });
  expect((await host.call('fn')).value).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: 'Init timed out after 0.30 seconds',
  });
});

test.each([
  ['throws', 'throw Object.assign(new Error("declined"), { name: "PaymentDeclined" });', 'PaymentDeclined', 'declined'],
  ['throws before its first await', '', 'TypeError', 'early'],
  ['throws a string', 'throw "text";', 'string', 'text'],
  ['throws undefined', 'throw undefined;', 'undefined', 'undefined'],
  ['returns what has no JSON', 'const a = {}; a.a = a; return a;', 'Error', 'Unable to stringify response body'],
  ['throws an error of an unprintable name', 'throw Object.assign(new Error("m"), { name: "É\\n" });', 'É\n', 'm'],
])(
  'a handler that %s fails with its error, and the environment lives on',
  async (how, code, errorType, errorMessage) => {
    const early = how.includes('before')
      ? 'export const handler = (e) => { if (e.ok) return 1; throw new TypeError("early"); };'
      : undefined;
    await using host = await hostWith({
      fn: { code: early ?? `export const handler = async (e) => { if (e.ok) return 1; ${code} };` },
    });
    const { value, functionError } = await host.call('fn');
    expect(functionError).toBe('Unhandled');
    expect(value).toEqual({ errorType, errorMessage, trace: expect.any(Array) });
    const pid = host.environments()[0]?.pid;
    expect((await host.call('fn', { ok: true })).value).toBe(1);
    expect(host.environments()[0]?.pid).toBe(pid);
  },
);

test.each([
  ['an unhandled rejection', 'Promise.reject(new Error("lost"))', 'Runtime.UnhandledPromiseRejection', 'Error: lost'],
  ['an uncaught exception', 'setImmediate(() => { throw new RangeError("late"); })', 'RangeError', 'late'],
])('%s fails the invocation and ends the environment', async (_what, code, errorType, errorMessage) => {
  await using host = await hostWith({
    fn: { code: `export const handler = (e) => e.ok ? 1 : new Promise((r) => { setTimeout(r, 60_000); ${code}; });` },
  });
  expect((await host.call('fn')).value).toEqual({ errorType, errorMessage, trace: expect.any(Array) });
  expect((await host.call('fn', { ok: true })).value).toBe(1);
});

test('a callback answers when the event loop is empty, or at once if the function says so', async () => {
  const code = `const seen = [];
    export const handler = (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = event.wait;
      setTimeout(() => seen.push('timer'), 50);
      callback(event.fail ? new Error(event.fail) : null, seen);
    };`;
  await using host = await hostWith({ fn: { code } });
  expect((await host.call('fn', { wait: false })).value).toEqual([]);
  expect((await host.call('fn', { wait: true })).value).toContain('timer');
  expect((await host.call('fn', { wait: false, fail: 'no' })).value).toMatchObject({ errorMessage: 'no' });
});

test('a result of undefined is null', async () => {
  await using host = await hostWith({ fn: { code: 'export const handler = async () => {};' } });
  expect((await host.call('fn')).value).toBeNull();
});

test('every line that a function writes arrives with its request id, also when the process prints without console', async () => {
  await using host = await hostWith({
    fn: {
      code: `console.log('loading');
      export const handler = async ({ n }) => {
        console.log('n is %d', n); console.error(new Error('two\\nlines').message);
        process.stdout.write('{"level":"INFO","n":' + n + '}\\n'); process.stderr.write('raw ' + n + '\\n');
      };`,
    },
  });
  const first = await host.call('fn', { n: 1 }, { logTail: true });
  const second = await host.call('fn', { n: 2 }, { logTail: true });
  const linesOf = (requestId?: string) =>
    host.logged.filter((one) => one.requestId === requestId).map(({ line }) => line);
  expect(linesOf()).toEqual([expect.stringMatching(/^\d{4}-.*Z\tundefined\tINFO\tloading$/)]);
  for (const [n, { requestId }] of [first, second].entries()) {
    // What is printed past the console comes through a pipe of its own, which may be slower than the answer.
    await vi.waitFor(() =>
      expect(linesOf(requestId)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(new RegExp(`^\\d{4}-.*Z\\t${requestId}\\tINFO\\tn is ${n + 1}$`)),
          expect.stringMatching(/ERROR\ttwo\nlines$/),
          `{"level":"INFO","n":${n + 1}}`,
          `raw ${n + 1}`,
        ]),
      ),
    );
  }
});

test('with log format JSON a console line is a JSON object', async () => {
  await using host = await hostWith({
    fn: {
      code: 'export const handler = async () => { console.warn("low", 3); console.log({ a: 1 }); };',
      logFormat: 'JSON',
    },
  });
  const { requestId } = await host.call('fn', {}, { logTail: true });
  expect(host.logged.map(({ line }) => JSON.parse(line))).toEqual([
    { timestamp: expect.any(String), level: 'WARN', requestId, message: 'low 3' },
    { timestamp: expect.any(String), level: 'INFO', requestId, message: { a: 1 } },
  ]);
});
