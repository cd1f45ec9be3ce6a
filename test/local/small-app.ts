import { writeAssembly } from './template/write-assembly.ts';

/** Runs inside every function of the small app: one AWS JSON call without an SDK. */
const CALL = `
const call = async (service, target, input) => {
  const response = await fetch(process.env['AWS_ENDPOINT_URL_' + service], {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};
`;

const functions: Record<string, string> = {
  /** POST /jobs/{id}: starts an execution. */
  Start: `${CALL}
export const handler = async ({ pathParameters: { id } }) => {
  const { executionArn } = await call('SFN', 'AWSStepFunctions.StartExecution', { stateMachineArn: process.env.MACHINE, name: id, input: JSON.stringify({ id }) });
  return { statusCode: 202, body: JSON.stringify({ executionArn, api: process.env.API_URL }) };
};`,
  /** The Work state. */
  Work: `export const handler = async ({ id }) => { console.log('working on ' + id); return { did: id, code: 1 }; };`,
  /** Takes the Ask state's message and keeps its token. */
  Keep: `${CALL}
export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    const { id, token } = JSON.parse(body);
    await call('DYNAMODB', 'DynamoDB_20120810.PutItem', { TableName: process.env.TABLE, Item: { id: { S: id }, token: { S: token } } });
  }
  return { batchItemFailures: [] };
};`,
  /** Sees the token come by in the stream and answers, unless the job is one that waits. That it was answered before is no failure. */
  Answer: `${CALL}
export const handler = async ({ Records }) => {
  for (const { dynamodb: { NewImage: { id, token } } } of Records) {
    if (id.S.startsWith('wait-')) continue;
    const answer = { taskToken: token.S, output: JSON.stringify({ answered: id.S }) };
    await call('SFN', 'AWSStepFunctions.SendTaskSuccess', answer).catch((error) => {
      if (!/TaskTimedOut|TaskDoesNotExist/.test(error.message)) throw error;
    });
  }
  return { batchItemFailures: [] };
};`,
};

const definition = (comment: string) =>
  JSON.stringify({
    Comment: comment,
    QueryLanguage: 'JSONata',
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: '${Work}', Payload: '{% $states.input %}' },
        Assign: { id: '{% $states.input.id %}', code: '{% $states.result.Payload.code %}' },
        Next: 'Ask',
      },
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Arguments: { QueueUrl: '${Queue}', MessageBody: '{% {"id": $id, "token": $states.context.Task.Token} %}' },
        TimeoutSeconds: 86400,
        Catch: [{ ErrorEquals: ['States.Timeout'], Output: { late: true }, Next: 'Again' }],
        Output: '{% $merge([$states.result, {"comment": "${Comment}", "code": $code}]) %}',
        Next: 'Again',
      },
      // Runs after an answer, so a test can see which code an execution that began earlier calls.
      Again: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: '${Work}', Payload: { id: 'again' } },
        Output: '{% $merge([$states.input, {"codeAfterwards": $states.result.Payload.code}]) %}',
        End: true,
      },
    },
  });

export interface SmallAppOptions {
  revision?: number;
  /** Beside or instead of those that it has; `undefined` takes one out. */
  resources?: object;
  /** Of functions, instead of that which they have. */
  code?: Record<string, string>;
}

/**
 * A small app with one of everything: an API starts a state machine, whose function works and whose question goes to a queue; a
 * function keeps the task token in a table, and another one sees it in the table's stream and answers.
 * `revision` changes the function's code and the definition, as a developer would between two starts.
 */
export function smallApp({ revision = 1, resources = {}, code: given = {} }: SmallAppOptions = {}): string {
  const code = (name: string) => given[name] ?? functions[name]!.replace('code: 1', `code: ${revision}`);
  const zip = (name: string) => `${name.toLowerCase()}-${revision}.zip`;
  const fn = (name: string, environment: object = {}) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: 10,
      Code: { S3Bucket: 'assets', S3Key: zip(name) },
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Environment: { Variables: environment },
    },
  });
  const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
  const version = `WorkVersion${revision}`;
  const ofApi = { ApiId: { Ref: 'Api' } };
  const template = {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      Start: fn('Start', { MACHINE: { Ref: 'Live' }, API_URL: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } }),
      Work: fn('Work'),
      [version]: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Work' } } },
      Keep: fn('Keep', { TABLE: { Ref: 'Table' } }),
      Answer: fn('Answer'),
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: arn('Role'),
          DefinitionString: definition('jobs'),
          DefinitionSubstitutions: { Work: { Ref: version }, Queue: { Ref: 'Queue' }, Comment: `revision ${revision}` },
        },
      },
      MachineVersion: {
        Type: 'AWS::StepFunctions::StateMachineVersion',
        Properties: {
          StateMachineArn: { Ref: 'Machine' },
          StateMachineRevisionId: { 'Fn::GetAtt': ['Machine', 'StateMachineRevisionId'] },
        },
      },
      Live: {
        Type: 'AWS::StepFunctions::StateMachineAlias',
        Properties: {
          Name: 'live',
          DeploymentPreference: { StateMachineVersionArn: { Ref: 'MachineVersion' }, Type: 'ALL_AT_ONCE' },
        },
      },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        },
      },
      Asked: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: arn('Queue'),
          FunctionName: { Ref: 'Keep' },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
      Kept: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
          FunctionName: { Ref: 'Answer' },
          StartingPosition: 'TRIM_HORIZON',
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'small-labels' } },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'small', ProtocolType: 'HTTP' } },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ...ofApi, StageName: '$default', AutoDeploy: true } },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ...ofApi,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: arn('Start'),
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ...ofApi,
          RouteKey: 'POST /jobs/{id}',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        },
      },
      ...resources,
    },
    Outputs: {
      ApiUrl: {
        Value: { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}' },
      },
      MachineArn: { Value: { Ref: 'Machine' } },
      SecretArn: { Value: { Ref: 'Secret' } },
      TableName: { Value: { Ref: 'Table' } },
      QueueUrl: { Value: { Ref: 'Queue' } },
    },
  };
  return writeAssembly(template, Object.fromEntries(Object.keys(functions).map((name) => [zip(name), code(name)])));
}
