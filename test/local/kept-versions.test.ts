import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { keptOrFreePort } from '../../local/free-port.ts';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { smallApp } from './small-app.ts';
import { answered, clientOf, emptyState, ended, started, startJob, waitingJob } from './small-app-client.ts';

const broken = { Work: 'export const handler = async () => { throw new Error("broken on purpose"); };' };
/** Its machine does not work any more, so the function can go. */
const withoutWork = {
  Work: undefined,
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'Shop-Machine',
      RoleArn: 'arn:aws:iam::000000000000:role/r',
      DefinitionString: '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}',
    },
  },
};

/** The first revision, as its machine would name its function by an alias. */
function callingAnAlias(): string {
  const FunctionVersion = { 'Fn::GetAtt': ['WorkVersion1', 'Version'] };
  const Properties = { FunctionName: { Ref: 'Work' }, FunctionVersion, Name: 'live' };
  const assemblyDir = smallApp({ resources: { WorkLive: { Type: 'AWS::Lambda::Alias', Properties } } });
  const file = join(assemblyDir, 'Shop.template.json');
  const named = '"Work":{"Ref":"WorkVersion1"}';
  const template = readFileSync(file, 'utf8');
  expect(template).toContain(named);
  writeFileSync(file, template.replace(named, '"Work":{"Ref":"WorkLive"}'));
  return assemblyDir;
}

const functionVersions = async (runtime: Runtime) =>
  (
    await new LambdaClient(clientOf(runtime)).send(new ListVersionsByFunctionCommand({ FunctionName: 'Shop-Work' }))
  ).Versions!.map(({ Version }) => Version);

test('an execution ends with the code that it began with, although that code is broken by now', async () => {
  const stateDir = emptyState();
  const first = await started(stateDir, smallApp());
  const waiting = await waitingJob(first, 'wait-over-the-edit');
  await first.stop();

  const second = await started(stateDir, smallApp({ revision: 2, code: broken }));
  expect(await ended(second, await startJob(second, 'new'))).toMatchObject({ status: 'FAILED', error: 'Error' });
  expect(await answered(second, 'wait-over-the-edit', waiting)).toMatchObject({
    status: 'SUCCEEDED',
    output: { comment: 'revision 1', code: 1, codeAfterwards: 1 },
  });
  const lambda = new LambdaClient(clientOf(second));
  const [one, two] = await Promise.all(
    ['1', '2'].map((Qualifier) =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'Shop-Work', Qualifier })),
    ),
  );
  expect(one!.CodeSha256).not.toBe(two!.CodeSha256);
});

test('an execution ends whose definition calls an alias that is gone, also on the state folder of a program that kept none', async () => {
  const stateDir = emptyState();
  const first = await started(stateDir, callingAnAlias());
  const waiting = await waitingJob(first, 'wait-for-the-next-program');
  await first.stop();
  const book = join(stateDir, 'function-versions.json');
  writeFileSync(book, readFileSync(book, 'utf8').replaceAll(/,"aliases":\{[^}]*\}/g, ''));

  const second = await started(stateDir, smallApp({ revision: 2 }));
  expect(await answered(second, 'wait-for-the-next-program', waiting)).toMatchObject({
    status: 'SUCCEEDED',
    output: { comment: 'revision 1', codeAfterwards: 1 },
  });
});

test('a function that left the template stays for the executions that call it', async () => {
  const stateDir = emptyState();
  const first = await started(stateDir, smallApp());
  const waiting = await waitingJob(first, 'wait-for-nothing-new');
  await first.stop();

  const resources = { ...withoutWork, WorkVersion2: undefined };
  const second = await started(stateDir, smallApp({ revision: 2, resources }));
  expect(await answered(second, 'wait-for-nothing-new', waiting)).toMatchObject({
    status: 'SUCCEEDED',
    output: { codeAfterwards: 1 },
  });
  expect(await functionVersions(second)).toEqual(['$LATEST', '1']);
});

test('an old version finds the API where it is now, if its port is another one than when it was published', async () => {
  const stateDir = emptyState();
  const resources = {
    Work: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Code: { ZipFile: 'exports.handler = async () => ({})' },
        Environment: { Variables: { API_URL: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
      },
    },
  };
  const first = await started(stateDir, smallApp({ resources }));
  await first.stop();
  const port = await keptOrFreePort(undefined);
  const second = await startRuntime({ assemblyDir: smallApp({ revision: 2 }), stateDir, port });
  onTestFinished(() => second.stop());
  expect(second.outputs.ApiUrl).toBe(`http://127.0.0.1:${port}`);
  const ofVersion = new GetFunctionConfigurationCommand({ FunctionName: 'Shop-Work', Qualifier: '1' });
  const { Environment } = await new LambdaClient(clientOf(second)).send(ofVersion);
  expect(Environment?.Variables).toEqual({ API_URL: second.outputs.ApiUrl });
});
