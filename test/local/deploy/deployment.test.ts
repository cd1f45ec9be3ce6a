import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, ListStateMachineVersionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeployReport } from '../../../local/deploy/deploy-report.ts';
import { type Runtime, startRuntime } from '../../../local/runtime.ts';
import { type SmallAppOptions, smallApp } from '../small-app.ts';
import { answered, clientOf, emptyState, ended, started, startJob, waitingJob } from '../small-app-client.ts';

async function deploy({ awsEndpoint }: Runtime, assemblyDir: string) {
  const response = await fetch(`${awsEndpoint}/_local/deploy`, {
    method: 'POST',
    body: JSON.stringify({ assemblyDir }),
  });
  return { status: response.status, answer: (await response.json()) as DeployReport & { message?: string } };
}

const nothing = { added: [], removed: [], changed: [] };

test('an edited app is taken up while it runs, and what is in flight ends as it began', async () => {
  const runtime = await started(emptyState(), smallApp());
  const waiting = await waitingJob(runtime, 'wait-over-the-deployment');
  expect(await deploy(runtime, smallApp({ revision: 2 }))).toEqual({
    status: 200,
    answer: {
      stackName: 'Shop',
      published: [
        {
          stateMachine: 'Shop-Machine',
          version: 2,
          added: [],
          removed: [],
          // Its output has the revision in it.
          changed: ['Ask'],
          newCode: ['Work', 'Again'],
          newConfiguration: [],
          otherwise: false,
        },
      ],
      aliases: [{ alias: 'Shop-Machine:live', routing: [{ version: 2, weight: 100 }] }],
      // The assets of this app are named by the revision.
      functions: { ...nothing, changed: ['Work', 'Start', 'Keep', 'Answer'] },
      routes: nothing,
    },
  });
  expect(await ended(runtime, await startJob(runtime, 'new'))).toMatchObject({
    output: { comment: 'revision 2', code: 2, codeAfterwards: 2 },
  });
  expect(await answered(runtime, 'wait-over-the-deployment', waiting)).toMatchObject({
    output: { comment: 'revision 1', code: 1, codeAfterwards: 1 },
  });
});

test('the same app again changes nothing', async () => {
  const stateDir = emptyState();
  const runtime = await started(stateDir, smallApp());
  const book = () => readFileSync(join(stateDir, 'function-versions.json'), 'utf8');
  const before = book();
  for (const _time of [1, 2]) {
    expect(await deploy(runtime, smallApp())).toMatchObject({
      status: 200,
      answer: { published: [], aliases: [], functions: nothing, routes: nothing },
    });
  }
  expect(JSON.parse(book())).toEqual(JSON.parse(before));
});

test('functions, routes and environments come, change and go', async () => {
  const runtime = await started(emptyState(), smallApp());
  const added = {
    Hello: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Code: { ZipFile: 'exports.handler = async () => ({ statusCode: 200, body: process.env.GREETING })' },
        Environment: { Variables: { GREETING: 'hello' } },
      },
    },
    HelloIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Hello', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    HelloRoute: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: 'GET /hello',
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'HelloIntegration' }]] },
      },
    },
  };
  const hello = () => fetch(`${runtime.outputs.ApiUrl}/hello`);
  expect((await hello()).status).toBe(404);
  expect((await deploy(runtime, smallApp({ resources: added }))).answer).toMatchObject({
    published: [],
    functions: { ...nothing, added: ['Hello'] },
    routes: { ...nothing, added: ['GET /hello'] },
  });
  expect(await (await hello()).text()).toBe('hello');

  const changed = structuredClone(added);
  changed.Hello.Properties.Environment.Variables.GREETING = 'good morning';
  Object.assign(changed.HelloRoute.Properties, { AuthorizationType: 'AWS_IAM' });
  expect((await deploy(runtime, smallApp({ resources: changed }))).answer).toMatchObject({
    functions: { ...nothing, changed: ['Hello'] },
    routes: { ...nothing, changed: ['GET /hello'] },
  });
  expect((await hello()).status).toBe(403);
  const lambda = new LambdaClient(clientOf(runtime));
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'Shop-Hello' }));
  expect(Environment).toEqual({ Variables: { GREETING: 'good morning' } });

  expect((await deploy(runtime, smallApp())).answer).toMatchObject({
    functions: { ...nothing, removed: ['Hello'] },
    routes: { ...nothing, removed: ['GET /hello'] },
  });
  expect((await hello()).status).toBe(404);
});

describe('a deployment that is refused changes nothing', () => {
  const table = {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'other', AttributeType: 'S' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
  };
  const machine = (DefinitionString: string) => ({
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: { RoleArn: 'arn:aws:iam::000000000000:role/r', DefinitionString },
  });

  const refusals: [string, SmallAppOptions, RegExp][] = [
    [
      'a changed table, a new queue, a bucket that is gone',
      { resources: { Table: table, Extra: { Type: 'AWS::SQS::Queue' }, Bucket: undefined } },
      /^A runtime that is up .* needs a restart \(Ctrl-C, npm start\): Table \(AWS::DynamoDB::Table\) is changed, Extra \(AWS::SQS::Queue\) is new, Bucket \(AWS::S3::Bucket\) is gone\. Nothing was taken up\.$/,
    ],
    [
      'a definition that is not valid',
      { resources: { Bad: machine('{"StartAt":"Nowhere","States":{}}') } },
      /^Bad \(AWS::StepFunctions::StateMachine\): .*Nothing was taken up\.$/s,
    ],
    [
      'an alias that leads nowhere for some',
      {
        resources: {
          Part: {
            Type: 'AWS::StepFunctions::StateMachineAlias',
            Properties: {
              Name: 'part',
              RoutingConfiguration: [{ StateMachineVersionArn: { Ref: 'MachineVersion' }, Weight: 90 }],
            },
          },
        },
      },
      /^Part \(AWS::StepFunctions::StateMachineAlias\): the weights of its versions add up to 90, expected 100\. Nothing was taken up\.$/,
    ],
    [
      'a function that does not run here',
      {
        resources: {
          Python: {
            Type: 'AWS::Lambda::Function',
            Properties: { Handler: 'a.b', Runtime: 'python3.13', Code: { ZipFile: '' } },
          },
        },
      },
      /^Python \(AWS::Lambda::Function\): Runtime: only Node.js functions run locally\. Nothing was taken up\.$/,
    ],
    [
      'a route that leads nowhere',
      {
        resources: {
          Nowhere: {
            Type: 'AWS::ApiGatewayV2::Route',
            Properties: { ApiId: { Ref: 'Api' }, RouteKey: 'GET /x', Target: 'integrations/none' },
          },
        },
      },
      /^Nowhere \(AWS::ApiGatewayV2::Route\): its target integrations\/none is not in the template\. Nothing was taken up\.$/,
    ],
    [
      'what does not run here at all',
      { resources: { Bus: { Type: 'AWS::Events::EventBus' } } },
      /^The stack Shop has what does not run locally: Bus .* Nothing was taken up\.$/,
    ],
  ];

  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await startRuntime({ assemblyDir: smallApp(), stateDir });
  });
  afterAll(async () => {
    await runtime.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  async function shown() {
    const { MachineArn: stateMachineArn } = runtime.outputs;
    const sfn = new SFNClient(clientOf(runtime));
    return {
      book: readFileSync(join(stateDir, 'function-versions.json'), 'utf8'),
      file: readFileSync(join(stateDir, 'runtime.json'), 'utf8'),
      machine: (await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }))).definition,
      versions: (await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn }))).stateMachineVersions?.length,
    };
  }

  test.each(refusals)('%s', async (_title, edit, sentence) => {
    const before = await shown();
    expect(await deploy(runtime, smallApp({ revision: 2, ...edit }))).toEqual({
      status: 409,
      answer: { message: expect.stringMatching(sentence) },
    });
    expect(await shown()).toEqual(before);
  });

  test.each([
    ['no folder', '{}', 400],
    ['no JSON', 'x', 400],
    ['a folder without an app', '{"assemblyDir":"/nowhere"}', 409],
  ])('%s', async (_title, body, status) => {
    const response = await fetch(`${runtime.awsEndpoint}/_local/deploy`, { method: 'POST', body });
    expect([response.status, await response.json()]).toEqual([status, { message: expect.any(String) }]);
  });

  test('code that is not where the app says', async () => {
    const before = await shown();
    const assemblyDir = smallApp({ revision: 9 });
    rmSync(join(assemblyDir, 'asset.work-9'), { recursive: true });
    expect(await deploy(runtime, assemblyDir)).toEqual({
      status: 409,
      answer: { message: expect.stringMatching(/^It cannot be read: ENOENT.*Nothing was taken up\.$/) },
    });
    expect(await shown()).toEqual(before);
  });

  test('and neither does it stand in the way of the next one', async () => {
    expect(await ended(runtime, await startJob(runtime, 'a'))).toMatchObject({
      output: { code: 1, codeAfterwards: 1 },
    });
    expect((await deploy(runtime, smallApp({ revision: 2 }))).answer.published).toMatchObject([{ version: 2 }]);
    expect(await ended(runtime, await startJob(runtime, 'b'))).toMatchObject({
      output: { code: 2, codeAfterwards: 2 },
    });
  });
});
