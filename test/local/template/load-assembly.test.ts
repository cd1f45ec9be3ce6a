import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAssembly } from '../../../local/template/load-assembly.ts';
import { stateMachineSpec } from '../../../local/template/state-machines.ts';
import { writeAssembly } from './write-assembly.ts';

const lambda = { Type: 'AWS::Lambda::Function', Properties: { Handler: 'index.handler' } };
const load = (Resources: object, rest: object = {}) => loadAssembly(writeAssembly({ Resources, ...rest }));

describe('loadAssembly', () => {
  test('gives every resource after those that it depends on, by reference, by substitution and by DependsOn', () => {
    const { resources } = load({
      Alias: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'Fn' }, Name: 'live' } },
      Fn: { ...lambda, Properties: { Environment: { Variables: { Q: { 'Fn::Sub': 'x ${Queue.Arn}' } } } } },
      Queue: { Type: 'AWS::SQS::Queue', DependsOn: 'Table' },
      Table: { Type: 'AWS::DynamoDB::Table' },
    });
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['Table', 'Queue', 'Fn', 'Alias']);
  });

  test('names are made of stack and logical id, and the same at every start', () => {
    const assembly = load({
      Fn: lambda,
      [`Fn${'x'.repeat(80)}`]: lambda,
      Queue: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      Named: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'waits' } },
      Bucket: { Type: 'AWS::S3::Bucket' },
    });
    expect(assembly.ref('Fn')).toBe('Shop-Fn');
    expect(assembly.ref(`Fn${'x'.repeat(80)}`)).toMatch(/^Shop-Fnx{48}-[0-9a-f]{8}$/);
    expect(assembly.resolve({ 'Fn::GetAtt': ['Queue', 'QueueName'] })).toBe('Shop-Queue.fifo');
    expect(assembly.resolve({ 'Fn::GetAtt': ['Named', 'Arn'] })).toBe('arn:aws:sqs:us-east-1:000000000000:waits');
    expect(assembly.ref('Bucket')).toBe('shop-bucket');
  });

  test('an alias is an ARN of its function, and of a state machine too', () => {
    const assembly = load({
      Fn: lambda,
      Live: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'Fn' }, Name: 'live' } },
    });
    expect(assembly.ref('Live')).toBe('arn:aws:lambda:us-east-1:000000000000:function:Shop-Fn:live');
  });

  test('a schedule and its group are named and have ARNs', () => {
    const assembly = load({
      Group: { Type: 'AWS::Scheduler::ScheduleGroup' },
      Mine: { Type: 'AWS::Scheduler::Schedule', Properties: { GroupName: { Ref: 'Group' } } },
      Daily: { Type: 'AWS::Scheduler::Schedule', Properties: { Name: 'daily' } },
    });
    const arn = (id: string) => assembly.resolve({ 'Fn::GetAtt': [id, 'Arn'] });
    expect([assembly.ref('Group'), assembly.ref('Mine'), assembly.ref('Daily')]).toEqual([
      'Shop-Group',
      'Shop-Mine',
      'daily',
    ]);
    expect(arn('Group')).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule-group/Shop-Group');
    expect(arn('Mine')).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/Shop-Group/Shop-Mine');
    expect(arn('Daily')).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/default/daily');
  });

  test('what was told later is used from then on, and the address of an API in a text is the local one', () => {
    const assembly = load(
      { Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'a', ProtocolType: 'HTTP' } } },
      {
        Outputs: {
          Url: {
            Value: {
              'Fn::Join': [
                '',
                [
                  'https://',
                  { Ref: 'Api' },
                  '.execute-api.',
                  { Ref: 'AWS::Region' },
                  '.',
                  { Ref: 'AWS::URLSuffix' },
                  '/orders',
                ],
              ],
            },
          },
          Hidden: { Value: 'x', Condition: 'Never' },
        },
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      },
    );
    expect(assembly.outputs()).toEqual({
      Url: expect.stringMatching(/^https:\/\/[0-9a-f]{10}\.execute-api\.us-east-1/),
    });
    assembly.know('Api', 'ApiEndpoint', 'http://127.0.0.1:4000');
    expect(assembly.outputs()).toEqual({ Url: 'http://127.0.0.1:4000/orders' });
  });

  test('parameters have their default, conditions leave resources out, the bootstrap version is never looked at', () => {
    const assembly = load(
      {
        Queue: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: { Ref: 'Delay' } } },
        Extra: { Type: 'AWS::SQS::Queue', Condition: 'Prod' },
      },
      {
        Parameters: {
          Delay: { Type: 'Number', Default: 5 },
          BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
        },
        Conditions: { Prod: { 'Fn::Equals': [{ Ref: 'Delay' }, '9'] } },
        Rules: {
          CheckBootstrapVersion: { Assertions: [{ Assert: { 'Fn::Contains': [[], { Ref: 'BootstrapVersion' }] } }] },
        },
      },
    );
    expect(assembly.resources.map(({ logicalId, properties }) => [logicalId, properties])).toEqual([
      ['Queue', { DelaySeconds: 5 }],
    ]);
  });

  test.each([
    'AWS::SNS::Topic',
    'AWS::Events::Rule',
    'AWS::Kinesis::Stream',
    'AWS::ECS::Service',
    'AWS::CloudFormation::Stack',
    'AWS::CloudFormation::CustomResource',
    'Custom::Anything',
    'AWS::ApiGateway::RestApi',
  ])('%s that matters is refused with its logical id and type', (type) => {
    const resources = {
      It: { Type: type },
      Fn: { ...lambda, Properties: { Environment: { Variables: { IT: { Ref: 'It' } } } } },
    };
    expect(() => load(resources)).toThrow(`The stack Shop has what does not run locally: It (${type}).`);
  });

  test('what changes nothing is listed as ignored, a topic that only alarms name included', () => {
    const { ignored, resources } = load({
      Role: { Type: 'AWS::IAM::Role' },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: [{ Ref: 'Topic' }] } },
      Topic: { Type: 'AWS::SNS::Topic' },
      Log: { Type: 'AWS::Logs::LogGroup' },
      Meta: { Type: 'AWS::CDK::Metadata' },
      Fn: { ...lambda, Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
    });
    expect(ignored.map(({ logicalId }) => logicalId)).toEqual(['Role', 'Alarm', 'Topic', 'Log', 'Meta']);
    expect(resources[0]!.properties.Role).toBe('arn:aws:iam::000000000000:role/Shop-Role');
  });

  test('a broken reference, a circle and a folder that is no assembly are each one sentence', () => {
    expect(() => load({ Fn: { ...lambda, Properties: { Role: { Ref: 'Gone' } } } }).resources[0]!.properties).toThrow(
      'Fn (AWS::Lambda::Function): The template names Gone, which is neither a resource nor a parameter.',
    );
    const queue = (other: string) => ({ Type: 'AWS::SQS::Queue', DependsOn: [other] });
    expect(() => load({ A: queue('B'), B: queue('A') })).toThrow('Circular dependency between resources: A -> B -> A.');
    expect(() => loadAssembly('/nowhere')).toThrow('/nowhere/manifest.json is not a cloud assembly');
    const damaged = writeAssembly({ Resources: {} });
    writeFileSync(join(damaged, 'Shop.template.json'), '{"Resources": 7}');
    expect(() => loadAssembly(damaged)).toThrow('is not a CloudFormation template: Resources');
  });
});

describe('stateMachineSpec', () => {
  const role = { RoleArn: 'arn:aws:iam::000000000000:role/r' };

  test('reads the definition from its asset and fills in the substitutions, and only those', () => {
    const definition = '{"Comment":"${Other}","States":{"A":{"Resource":"${Step}"}}}';
    const assembly = loadAssembly(
      writeAssembly(
        {
          Resources: {
            Fn: lambda,
            Machine: {
              Type: 'AWS::StepFunctions::StateMachine',
              Properties: {
                ...role,
                DefinitionS3Location: { Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, Key: 'abc.json' },
                DefinitionSubstitutions: { Step: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
              },
            },
          },
        },
        { 'abc.json': definition },
      ),
    );
    expect(stateMachineSpec(assembly.ofType('AWS::StepFunctions::StateMachine')[0]!, assembly)).toMatchObject({
      name: 'Shop-Machine',
      arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Shop-Machine',
      type: 'STANDARD',
      definition: definition.replace('${Step}', 'arn:aws:lambda:us-east-1:000000000000:function:Shop-Fn'),
    });
  });

  test('reads DefinitionString, and quotes inside a substitution stay inside the text', () => {
    const assembly = load({
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { ...role, DefinitionString: '{"a":"${X}"}', DefinitionSubstitutions: { X: 'say "hi"' } },
      },
    });
    const { definition } = stateMachineSpec(assembly.resources[0]!, assembly);
    expect(JSON.parse(definition)).toEqual({ a: 'say "hi"' });
  });

  test('a definition that is not there is named', () => {
    const assembly = load({
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { ...role, DefinitionS3Location: { Key: 'no.json' } },
      },
    });
    expect(() => stateMachineSpec(assembly.resources[0]!, assembly)).toThrow(
      'Machine (AWS::StepFunctions::StateMachine): its definition is not an asset of the app.',
    );
  });
});
