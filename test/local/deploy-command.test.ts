import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyState, finish, ready, run } from './local-commands.ts';
import { smallApp } from './small-app.ts';
import { ended, startJob } from './small-app-client.ts';

describe('npm run deploy:local', () => {
  test('synthesises the app as the runtime was started, publishes it there, and says what is new', async () => {
    const project = emptyState();
    const stateDir = join(project, 'state');
    const write = (name: string, content: string) => writeFileSync(join(project, name), content);
    const edit = (assemblyDir: string) => write('current', assemblyDir);
    const context = () => JSON.parse(readFileSync(join(project, 'context.json'), 'utf8'));
    write(
      'app.cjs',
      `const { cpSync, readFileSync, writeFileSync } = require('node:fs');
      writeFileSync('context.json', process.env.CDK_CONTEXT_JSON);
      cpSync(readFileSync('current', 'utf8'), process.env.CDK_OUTDIR, { recursive: true });`,
    );
    write('cdk.json', '{"app":"node app.cjs","context":{"stage":"file","mail":"file"}}');
    const deploy = (...more: string[]) => finish('deploy-command.ts', ['--state', stateDir, ...more], { cwd: project });

    expect(await deploy()).toMatchObject({
      code: 1,
      stderr: `No runtime runs on ${stateDir}; start one with npm start.\n`,
    });
    edit(smallApp());
    const options = { cwd: project };
    const runtime = run('main.ts', ['--state', stateDir, '--port', '0', '--quiet', '-c', 'mail=start'], options);
    const reached = await ready(runtime, stateDir);
    expect(await deploy()).toEqual({ code: 0, stdout: 'Nothing changed.\n', stderr: '' });
    expect(context()).toEqual({ stage: 'file', mail: 'start' });

    edit(smallApp({ revision: 2 }));
    expect(await deploy('-c', 'stage=command')).toEqual({
      code: 0,
      stdout: [
        'Machine version 2: steps with new code Work, Again; states changed Ask',
        'Machine:live -> version 2',
        'Functions: changed Work, Start, Keep, Answer',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(context()).toEqual({ stage: 'command', mail: 'start' });
    expect(await ended(reached, await startJob(reached, 'a'))).toMatchObject({ output: { code: 2 } });

    edit(smallApp({ revision: 3, resources: { Extra: { Type: 'AWS::SQS::Queue' } } }));
    expect(await deploy('-c', 'mail=refused')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/Extra \(AWS::SQS::Queue\) is new\. Nothing was taken up\.\n$/),
    });
    write('app.cjs', 'process.exit(3);');
    expect((await deploy()).stderr).toContain('The app could not be synthesised');
    const { synthesis } = JSON.parse(readFileSync(join(stateDir, 'runtime.json'), 'utf8'));
    expect(synthesis).toEqual({ context: { stage: 'command', mail: 'start' } });
  });
});
