import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { hostWith, movedBy } from '../../../support/functions.ts';

const returnsContext = `export const handler = async (event, context) => ({
  event, context: { ...context, remaining: context.getRemainingTimeInMillis() }, now: Date.now(), iso: new Date().toISOString(),
});`;

test('a handler gets its event and a truthful context', async () => {
  await using host = await hostWith({ greet: { code: returnsContext, timeoutSeconds: 7, memoryMb: 256 } });
  const { value, requestId, executedVersion } = await host.call('greet', { name: 'Ada', text: 'ünï\u2028' });
  expect(executedVersion).toBe('$LATEST');
  expect(value.event).toEqual({ name: 'Ada', text: 'ünï\u2028' });
  expect(value.context).toMatchObject({
    awsRequestId: requestId,
    functionName: 'greet',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:greet',
    memoryLimitInMB: '256',
    logGroupName: '/aws/lambda/greet',
    callbackWaitsForEmptyEventLoop: true,
  });
  expect(value.context.remaining).toBeGreaterThan(5_000);
  expect(value.context.remaining).toBeLessThanOrEqual(7_000);
});

test('an environment is kept: the next invocation finds what the first left in memory', async () => {
  await using host = await hostWith({ count: { code: 'let n = 0; export const handler = async () => ++n;' } });
  await host.call('count');
  expect((await host.call('count')).value).toBe(2);
  expect(host.environments()).toEqual([
    expect.objectContaining({ functionName: 'count', version: '$LATEST', busy: false }),
  ]);
});

test('the function lives in the moved time, in module code and in the handler, with its remaining time intact', async () => {
  const days3 = 3 * 86_400_000;
  await using host = await hostWith(
    {
      when: {
        code: `const loadedAt = Date.now();
        export const handler = async (event, context) => ({
          loadedAt, now: new Date().getTime(), called: Date.parse(Date()), copy: new Date(5).getTime(), month: new Date(2026, 1).getMonth(),
          isDate: new Date() instanceof Date && Object.getPrototypeOf(new Date()).constructor === Date,
          remaining: context.getRemainingTimeInMillis() });`,
        timeoutSeconds: 10,
      },
    },
    { clock: movedBy(days3) },
  );
  const { value } = await host.call('when');
  const expected = Date.now() + days3;
  for (const at of [value.loadedAt, value.now, value.called]) expect(Math.abs(at - expected)).toBeLessThan(20_000);
  expect(value).toMatchObject({ copy: 5, month: 1, isDate: true });
  expect(value.remaining).toBeGreaterThan(5_000);
  expect(value.remaining).toBeLessThanOrEqual(10_000);
});

test('the environment of a function is its own: nothing of the host but PATH and HOME', async () => {
  process.env.HOST_SECRET = 'do not leak';
  await using host = await hostWith(
    {
      env: {
        code: 'export const handler = async () => process.env;',
        environment: { TABLE: 'orders', AWS_REGION: 'mars' },
      },
    },
    { endpoints: () => ({ DYNAMODB: 'http://127.0.0.1:1' }), place: { region: 'eu-west-1' } },
  );
  const { value } = await host.call('env');
  expect(value).toMatchObject({
    TABLE: 'orders',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    POWERTOOLS_TRACE_ENABLED: 'false',
    AWS_ACCESS_KEY_ID: 'local',
    PATH: process.env.PATH,
  });
  const own = /^(AWS_|_HANDLER$|_X_AMZN|LAMBDA_|POWERTOOLS_|TABLE$|PATH$|HOME$|TZ$|LANG$)/;
  expect(Object.keys(value).filter((name) => !own.test(name))).toEqual([]);
});

test('a function that runs too long is killed and reported as Lambda reports it, and the next one gets a new environment', async () => {
  await using host = await hostWith({
    slow: {
      code: 'export const handler = async (e) => { while (e.busy); return process.pid; };',
      timeoutSeconds: 0.25,
    },
  });
  const { value, functionError, requestId } = await host.call('slow', { busy: true });
  expect(functionError).toBe('Unhandled');
  expect(value).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.25 seconds`,
  });
  expect(host.logged.at(-1)).toMatchObject({
    requestId,
    line: expect.stringContaining('Task timed out after 0.25 seconds'),
  });
  expect((await host.call('slow')).value).toBeTypeOf('number');
});

test.each([
  ['exits', 'process.exit(3)', 'Runtime exited with error: exit status 3'],
  ['exits with 0', 'process.exit(0)', 'Runtime exited without providing a reason'],
  [
    'is killed',
    'process.kill(process.pid, "SIGKILL"); await new Promise(() => setInterval(() => {}, 1000))',
    'signal: killed',
  ],
  ['waits for a promise that nothing settles', 'await new Promise(() => {})', 'exit status 13'],
  ['uses up its memory', 'const a = []; for (;;) a.push(new Array(1e5).fill(Math.random()))', 'signal: aborted'],
])('a function that %s fails with Runtime.ExitError', async (_how, code, message) => {
  await using host = await hostWith({
    gone: { code: `export const handler = async () => { ${code} };`, memoryMb: 64 },
  });
  const { value, functionError, requestId } = await host.call('gone');
  expect({ ...value, functionError }).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringMatching(`^RequestId: ${requestId} Error: .*${message}`),
    functionError: 'Unhandled',
  });
});

test('only so many environments run at once; the rest waits its turn', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'environments-'));
  await using host = await hostWith(
    {
      // Each invocation lasts until a second environment has taken one on, however long the machine needs to start it.
      hold: {
        code: `import { readdirSync, writeFileSync } from 'node:fs';
        import { setTimeout } from 'node:timers/promises';
        export const handler = async ({ folder }) => {
          writeFileSync(folder + '/' + process.pid, '');
          while (readdirSync(folder).length < 2) await setTimeout(10);
          return process.pid;
        };`,
        timeoutSeconds: 30,
      },
    },
    { environmentsPerFunction: 2 },
  );
  const answers = await Promise.all(Array.from({ length: 6 }, () => host.call('hold', { folder })));
  expect(new Set(answers.map(({ value }) => value)).size).toBe(2);
  await rm(folder, { recursive: true });
});

test('many short invocations share one warm environment instead of starting cold ones', async () => {
  await using host = await hostWith({ quick: { code: 'export const handler = async () => process.pid;' } });
  await host.call('quick');
  const answers = await Promise.all(Array.from({ length: 40 }, () => host.call('quick')));
  expect(new Set(answers.map(({ value }) => value)).size).toBe(1);
});

test('reserved concurrency refuses what comes on top', async () => {
  await using host = await hostWith({
    one: { code: 'export const handler = async () => 1;', reservedConcurrency: 1 },
    none: { code: 'export const handler = async () => 1;', reservedConcurrency: 0 },
  });
  const first = host.call('one');
  await expect(host.call('one')).rejects.toMatchObject({ name: 'TooManyRequestsException', statusCode: 429 });
  await expect(host.call('none')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  expect((await first).value).toBe(1);
  expect((await host.call('one')).value).toBe(1);
});

test('a request or a response over 6 MB is an error', async () => {
  await using host = await hostWith({ big: { code: 'export const handler = async ({ size }) => "x".repeat(size);' } });
  await expect(host.invoke('big', JSON.stringify('x'.repeat(6_291_456)))).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    statusCode: 413,
  });
  expect((await host.call('big', { size: 6_000_000 })).value).toHaveLength(6_000_000);
  const { value, functionError } = await host.call('big', { size: 6_300_000 });
  expect(functionError).toBe('Unhandled');
  expect(value.errorType).toBe('Function.ResponseSizeTooLarge');
});

test('an aborted call stops waiting; if no environment had begun it, it never runs', async () => {
  await using host = await hostWith(
    {
      hold: {
        code: `let n = 0; import { setTimeout } from 'node:timers/promises';
        export const handler = async () => { n++; await setTimeout(100); return n; };`,
      },
    },
    { environmentsPerFunction: 1 },
  );
  await host.call('hold');
  const running = host.call('hold');
  const abort = new AbortController();
  const queued = host.call('hold', {}, { signal: abort.signal });
  abort.abort(new Error('no longer wanted'));
  await expect(queued).rejects.toThrow('no longer wanted');
  await running;
  expect((await host.call('hold')).value).toBe(3);
});

test('an idle environment is ended, and the next call starts another', async () => {
  await using host = await hostWith(
    { idle: { code: 'export const handler = async () => process.pid;' } },
    { idleSeconds: 0.05 },
  );
  const { value: first } = await host.call('idle');
  await vi.waitFor(() => expect(host.environments()).toEqual([]), { timeout: 5_000 });
  expect((await host.call('idle')).value).not.toBe(first);
});

test('settle waits for what runs, and says whether there was something', async () => {
  await using host = await hostWith({ fn: { code: 'export const handler = async () => 1;' } });
  expect(await host.settle()).toBe(false);
  let done = false;
  const call = host.call('fn').then(() => {
    done = true;
  });
  expect(await host.settle()).toBe(true);
  await call;
  expect(done).toBe(true);
  expect(await host.settle()).toBe(false);
});

test('a function that was warmed waits ready, and who listens hears of each completed invocation', async () => {
  await using host = await hostWith({ fn: { code: 'export const handler = async () => process.pid;' } });
  host.warm(['fn']);
  const [{ pid } = { pid: undefined }] = host.environments();
  const heard: string[] = [];
  using _ = host.onCompleted((functionName) => heard.push(functionName));
  expect((await host.call('fn')).value).toBe(pid);
  expect(heard).toEqual(['fn']);
  expect(() => host.warm(['other'])).toThrow('Function not found');
});

test('stop ends every process and fails what is in hand with an error that says nothing about its outcome', async () => {
  const host = await hostWith({
    hang: { code: 'export const handler = () => new Promise((r) => setTimeout(r, 60_000));' },
  });
  const hanging = host.call('hang');
  hanging.catch(() => {});
  await vi.waitFor(() => expect(host.environments()[0]?.busy).toBe(true));
  const pid = host.environments()[0]!.pid!;
  await host[Symbol.asyncDispose]();
  await expect(hanging).rejects.toThrow('stopping');
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await expect(host.call('hang')).rejects.toThrow('stopping');
});

test('when the host is killed with SIGKILL its environments end by themselves', async () => {
  const script = path.join(import.meta.dirname, '../../../support/host-process.ts');
  const folder = await mkdtemp(path.join(tmpdir(), 'killed-'));
  const env = { ...process.env, TMPDIR: folder };
  const host = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [line] = await once(host.stdout, 'data');
  const pids: number[] = JSON.parse(String(line));
  expect(pids).toHaveLength(3);
  host.kill('SIGKILL');
  await vi.waitFor(
    () => {
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    },
    { timeout: 10_000 },
  );
  await rm(folder, { recursive: true });
});

test('functions are replaced: what runs ends as it began, what comes after is new, and unchanged versions stay warm', async () => {
  const code = `export const handler = async ({ holdMs = 0 }) => {
    await new Promise((done) => setTimeout(done, holdMs));
    return { colour: process.env.COLOUR, pid: process.pid };
  };`;
  await using host = await hostWith({
    paint: { code, environment: { COLOUR: 'red' }, versions: { 1: { environment: { COLOUR: 'white' } } } },
    gone: { code, environment: {} },
  });
  const paint = host.functions.get('paint')!;
  const [version, latest] = await Promise.all([host.call('paint:1'), host.call('paint')]);
  const running = host.call('paint', { holdMs: 300 });
  host.replace([
    { ...paint, environment: { COLOUR: 'blue' } },
    { ...paint, functionName: 'new', versions: {} },
  ]);
  expect((await host.call('paint')).value.colour).toBe('blue');
  expect((await running).value).toEqual({ colour: 'red', pid: latest.value.pid });
  expect((await host.call('paint:1')).value).toEqual(version.value);
  expect((await host.call('new')).value.colour).toBe('red');
  await expect(host.call('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
