import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createJsonClient } from '../../local/aws/event-sources/json-client.ts';
import { isFree } from '../../local/free-port.ts';
import type { RuntimeFile } from '../../local/runtime-file.ts';
import { eventually } from './eventually.ts';
import { emptyState, finish, ready, run } from './local-commands.ts';
import { smallApp } from './small-app.ts';
import { writeAssembly } from './template/write-assembly.ts';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const states = (endpoint: string) =>
  new SFNClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

describe('npm start', () => {
  test('after kill -9 it goes on where it was, at the same addresses', async () => {
    const stateDir = emptyState();
    const args = ['--assembly', smallApp(), '--state', stateDir, '--port', '0', '--quiet'];
    const first = run('main.ts', args);
    const before = await ready(first, stateDir);
    const response = await fetch(`${before.outputs.ApiUrl}/jobs/wait-x`, { method: 'POST' });
    const { executionArn } = (await response.json()) as { executionArn: string };
    const gone = once(first, 'exit');
    first.kill('SIGKILL');
    await gone;

    const after = await ready(run('main.ts', args), stateDir);
    expect({ ...after, pid: 0 }).toEqual({ ...before, pid: 0 });
    using dynamodb = createJsonClient(after.awsEndpoint, 'DynamoDB_20120810');
    const taskToken: string = await eventually(async () => {
      const { Item } = await dynamodb.call('GetItem', { TableName: 'Shop-Table', Key: { id: { S: 'wait-x' } } });
      return Item?.token.S;
    });
    await states(after.awsEndpoint).send(new SendTaskSuccessCommand({ taskToken, output: '{"by":"hand"}' }));
    const output = await eventually(async () => {
      const execution = await states(after.awsEndpoint).send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? undefined : execution.output;
    });
    expect(JSON.parse(output)).toMatchObject({ by: 'hand', code: 1 });
  });

  test('says where everything is, moves time on command, and Ctrl-C stops all that it started', async () => {
    const stateDir = emptyState();
    const child = run('main.ts', ['--assembly', smallApp(), '--state', stateDir, '--port', '0']);
    const output = text(child.stdout);
    const { apiUrls, awsEndpoint, ports } = await ready(child, stateDir);
    await fetch(`${apiUrls.Api}/jobs/a`, { method: 'POST' });

    expect(await finish('clock-command.ts', ['--state', stateDir, 'advance', '1d2h'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d{4}-.*Z {3}\(1 d 02:00:00 ahead of the wall clock\)\n$/),
    });
    expect((await finish('clock-command.ts', ['--state', stateDir])).stdout).toContain('1 d 02:00:0');

    // As npm and a terminal do it together: twice for one Ctrl-C.
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(await Promise.all([ports.aws, ports.dynamodb, ports.queues, ports.apis.Api!].map(isFree))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const said = await output;
    for (const place of [apiUrls.Api!, awsEndpoint, stateDir, join(stateDir, 'mailbox'), join(stateDir, 'logs')])
      expect(said).toContain(place);
    expect(said).toContain('Without effect here: AWS::IAM::Role.');
    expect(said).toMatch(/\d\d:\d\d:\d\d {2}Work [0-9a-f]{8} {2}.*working on a/);
    expect(said).toContain('Stopping ...');

    expect(await finish('clock-command.ts', ['--state', stateDir, 'show'])).toMatchObject({
      code: 1,
      stderr: `No runtime runs on ${stateDir}; start one with npm start.\n`,
    });
  });

  test.each<[string, (stateDir: string) => Promise<Parameters<typeof run>[1]>, RegExp, Record<string, string>?]>([
    [
      'an unsupported resource',
      async () => ['--assembly', writeAssembly({ Resources: { Bus: { Type: 'AWS::Events::EventBus' } } })],
      /^The stack Shop has what does not run locally: Bus \(AWS::Events::EventBus\)\.$/,
    ],
    [
      'a busy port',
      async () => {
        const squatter = createServer();
        await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
        onTestFinished(() => void squatter.close());
        return ['--assembly', smallApp(), '--port', String((squatter.address() as { port: number }).port)];
      },
      /^Port \d+ for the API Api is in use by another program; end it, or choose another with --port\.$/,
    ],
    [
      'a damaged journal',
      async (stateDir) => {
        writeFileSync(join(stateDir, 'journal.sqlite'), 'not a database'.repeat(1000));
        return ['--assembly', smallApp(), '--port', '0'];
      },
      /journal\.sqlite/,
    ],
    [
      'a damaged queue file',
      async (stateDir) => {
        mkdirSync(join(stateDir, 'queues'));
        writeFileSync(join(stateDir, 'queues', 'fauxqs.db'), 'garbage');
        return ['--assembly', smallApp(), '--port', '0'];
      },
      /^The state folder is damaged: The queues in .* cannot be opened: file is not a database\.$/,
    ],
    [
      'a damaged database',
      async (stateDir) => {
        mkdirSync(join(stateDir, 'dynamodb'));
        writeFileSync(join(stateDir, 'dynamodb', 'dynamodb.sqlite'), 'garbage');
        return ['--assembly', smallApp(), '--port', '0'];
      },
      /^The state folder is damaged, or something else keeps DynamoDB from starting \(exit code 1\): /,
    ],
    [
      'a state folder that is a file',
      async (stateDir) => {
        writeFileSync(join(stateDir, 'file'), '');
        return ['--assembly', smallApp(), '--state', join(stateDir, 'file')];
      },
      /^The state folder cannot be used: /,
    ],
    [
      'a missing binary',
      async () => ['--assembly', smallApp(), '--port', '0'],
      /^DYNOXIDE_BIN is not an executable file: \/nowhere\.$/,
      { DYNOXIDE_BIN: '/nowhere' },
    ],
    [
      'an app that fails',
      async () => ['--app', 'echo the reason >&2; exit 3', '--port', '0'],
      /the reason\n\nThe app could not be synthesised: ".*" ended with 3\.$/,
    ],
  ])('%s gets one sentence and exit code 1', async (_title, args, sentence, env) => {
    const stateDir = emptyState();
    const { code, stderr } = await finish(
      'main.ts',
      ['--state', stateDir, ...(await args(stateDir))],
      env ? { env } : {},
    );
    expect([code, stderr.trim()]).toEqual([1, expect.stringMatching(sentence)]);
    expect(stderr).not.toContain('    at ');
  });

  test('--help explains every option, an unknown one is refused', async () => {
    const help = await finish('main.ts', ['--help']);
    expect(help.code).toBe(0);
    for (const option of ['--app', '--assembly', '--state', '--port', '--context'])
      expect(help.stdout).toContain(option);
    expect(await finish('main.ts', ['--port', 'eighty'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Expected a number'),
    });
    expect(await finish('clock-command.ts', ['advance', 'soon'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('found soon'),
    });
  });

  test('the command for the first start runs once, with the outputs in its environment, and its failure ends the runtime', async () => {
    const stateDir = emptyState();
    const mark = join(stateDir, 'seen');
    const args = ['--assembly', smallApp(), '--state', stateDir, '--port', '0', '--quiet', '--first'];
    const failed = await finish('main.ts', [...args, 'exit 7']);
    expect([failed.code, failed.stderr.trim()]).toEqual([
      1,
      'The command for the first start failed: "exit 7" ended with 7.',
    ]);
    for (const _start of [1, 2]) {
      const child = run('main.ts', [...args, `echo "$ApiUrl $AWS_ENDPOINT_URL" >> ${mark}`]);
      const said = text(child.stdout);
      child.stdout.on('data', (chunk) => String(chunk).includes('Ctrl-C stops it') && child.kill('SIGTERM'));
      await once(child, 'exit');
      expect(await said).toContain('runs on this machine');
    }
    const { outputs, awsEndpoint } = JSON.parse(readFileSync(join(stateDir, 'runtime.json'), 'utf8')) as RuntimeFile;
    expect(readFileSync(mark, 'utf8')).toBe(`${outputs.ApiUrl} ${awsEndpoint}\n`);
  });

  test('the clock command moves the time of the runtime on its state folder and of no other', async () => {
    const stateDir = emptyState();
    const child = run('main.ts', ['--assembly', smallApp(), '--state', stateDir, '--port', '0', '--quiet']);
    const file = await ready(child, stateDir);
    // As after a crash, when a runtime on another folder has taken the port.
    const crashed = emptyState();
    writeFileSync(join(crashed, 'runtime.json'), JSON.stringify({ ...file, pid: 1 }));
    expect(await finish('clock-command.ts', ['--state', crashed, 'advance', '3d'])).toMatchObject({
      code: 1,
      stderr: `No runtime runs on ${crashed}; start one with npm start.\n`,
    });
    expect((await finish('clock-command.ts', ['--state', stateDir])).stdout).not.toContain('ahead');
  });

  test('Ctrl-C that also ends the program that reads the output stops everything all the same', async () => {
    const stateDir = emptyState();
    const child = run('main.ts', ['--assembly', smallApp(), '--state', stateDir, '--port', '0']);
    const complaints = text(child.stderr);
    await ready(child, stateDir);
    child.stdout.destroy();
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    expect([await exited, await complaints]).toEqual([[0, null], '']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('%s while the app is synthesised ends the app as well', async (signal) => {
    const stateDir = emptyState();
    const pidFile = join(stateDir, 'pid');
    // It says that it is there when whoever has to end it surely knows of it: a moment after its start.
    const child = run('main.ts', ['--state', stateDir, '--app', `sleep 60 & sleep 0.3; echo $! > ${pidFile}; wait`]);
    const pid = await eventually(
      async () => (existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8'))) || undefined,
    );
    const gone = once(child, 'exit');
    child.kill(signal);
    expect(await gone).toEqual([null, signal]);
    await eventually(async () => !isAlive(pid) || undefined);
  });

  test('the app gets its context from cdk.json and the command line, and an empty folder for its output', async () => {
    const project = emptyState();
    const app = `
      const { cpSync, existsSync } = require('node:fs');
      const { a, b } = JSON.parse(process.env.CDK_CONTEXT_JSON);
      if (a !== 'file' || b !== 'line' || existsSync(process.env.CDK_OUTDIR)) throw new Error('the context is ' + process.env.CDK_CONTEXT_JSON);
      cpSync(${JSON.stringify(writeAssembly({ Resources: { Bus: { Type: 'AWS::Events::EventBus' } } }))}, process.env.CDK_OUTDIR, { recursive: true });
    `;
    writeFileSync(join(project, 'app.cjs'), app);
    writeFileSync(
      join(project, 'cdk.json'),
      JSON.stringify({ app: 'node app.cjs', context: { a: 'file', b: 'file' } }),
    );
    for (const _time of [1, 2]) {
      const { stderr } = await finish('main.ts', ['-c', 'b=line', '--state', join(project, 'state')], { cwd: project });
      expect(stderr.trim()).toBe('The stack Shop has what does not run locally: Bus (AWS::Events::EventBus).');
    }
  });
});
