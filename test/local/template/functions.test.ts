import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventSourceMappings } from '../../../local/template/event-source-mappings.ts';
import { functionDefinitions, numberVersions } from '../../../local/template/functions.ts';
import { loadAssembly } from '../../../local/template/load-assembly.ts';
import { openPublishedVersions } from '../../../local/template/published-versions.ts';
import { writeAssembly } from './write-assembly.ts';

const fn = (properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Code: { S3Bucket: 'b', S3Key: 'one.zip' },
    ...properties,
  },
});
const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } };
const emptyState = () => mkdtempSync(join(tmpdir(), 'waybill-state-'));

function read(
  Resources: object,
  stateDir = emptyState(),
  files: Record<string, string> = { 'one.zip': 'export const a = 1;' },
) {
  const directory = writeAssembly({ Resources }, files);
  const assembly = loadAssembly(directory);
  const published = openPublishedVersions(stateDir);
  numberVersions(assembly, published);
  const functions = published.complete(functionDefinitions(assembly, published));
  published.save();
  return { assembly, functions, directory, stateDir, fn: functions[0]! };
}

describe('functionDefinitions', () => {
  test('gives code, environment, limits and the service defaults', () => {
    const { functions, stateDir } = read({
      Fn: fn({
        Environment: { Variables: { TABLE: { Ref: 'Other' }, N: 3 } },
        Timeout: 15,
        MemorySize: 512,
        ReservedConcurrentExecutions: 2,
      }),
      Other: fn({ LoggingConfig: { LogFormat: 'JSON' } }),
    });
    expect(functions.find(({ functionName }) => functionName === 'Shop-Fn')).toEqual({
      functionName: 'Shop-Fn',
      handler: 'index.handler',
      codeDir: join(stateDir, 'code', 'asset.one'),
      environment: { TABLE: 'Shop-Other', N: '3' },
      timeoutSeconds: 15,
      memoryMb: 512,
      runtime: 'nodejs24.x',
      logFormat: 'Text',
      reservedConcurrency: 2,
      versions: {},
      aliases: {},
      lastModified: expect.stringMatching(/Z$/),
    });
    expect(functions[0]).toMatchObject({ timeoutSeconds: 3, memoryMb: 128, logFormat: 'JSON' });
  });

  test('a version keeps number, code and configuration when the app changes, and an alias moves on', () => {
    const stateDir = emptyState();
    const app = (versionId: string, properties: object) => ({
      Fn: fn(properties),
      [versionId]: version,
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'Fn' },
          FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
          Name: 'live',
        },
      },
    });
    const first = read(app('VersionA', { Timeout: 5 }), stateDir, { 'one.zip': 'export const a = "old";' });
    expect(first.assembly.ref('VersionA')).toBe('arn:aws:lambda:us-east-1:000000000000:function:Shop-Fn:1');
    expect(first.fn).toMatchObject({ aliases: { live: '1' }, versions: { 1: { timeoutSeconds: 5 } } });
    rmSync(first.directory, { recursive: true });

    expect(read(app('VersionA', { Timeout: 5 }), stateDir).fn.aliases).toEqual({ live: '1' });
    const second = read(app('VersionB', { Timeout: 7, Code: { S3Key: 'two.zip' } }), stateDir, {
      'two.zip': 'export const a = "new";',
    });
    expect(second.fn).toMatchObject({
      aliases: { live: '2' },
      versions: { 1: { timeoutSeconds: 5 }, 2: { timeoutSeconds: 7 } },
    });
    const codeDir = second.fn.versions?.['1']?.codeDir ?? '';
    expect(existsSync(codeDir)).toBe(true);
    expect(readFileSync(join(codeDir, 'index.mjs'), 'utf8')).toContain('old');
  });

  test('code in the template itself is written to a file; rules for asynchronous invocation are taken over', () => {
    const { fn: definition } = read({
      Fn: fn({ Code: { ZipFile: 'exports.handler = async () => 1' } }),
      Dlq: { Type: 'AWS::SQS::Queue' },
      Rule: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'Fn' },
          Qualifier: '$LATEST',
          MaximumRetryAttempts: 1,
          DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dlq', 'Arn'] } } },
        },
      },
    });
    expect(readFileSync(join(definition.codeDir, 'index.js'), 'utf8')).toBe('exports.handler = async () => 1');
    expect(definition.asynchronous).toEqual({
      maximumRetryAttempts: 1,
      onFailureArn: 'arn:aws:sqs:us-east-1:000000000000:Shop-Dlq',
    });
  });

  test.each<[string, object, string]>([
    [
      'a container image',
      { Handler: undefined, Runtime: undefined, PackageType: 'Image' },
      'only functions with a handler in a package run locally',
    ],
    ['another language', { Runtime: 'python3.13' }, 'only Node.js functions run locally'],
    [
      'layers',
      { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:l:1'] },
      'functions with layers do not run locally',
    ],
    ['code from elsewhere', { Code: { S3Key: 'gone.zip' } }, 'its code is not an asset of the app.'],
  ])('%s is refused with the name of the function', (_title, properties, message) => {
    expect(() => read({ Fn: fn(properties) })).toThrow(new RegExp(`^Fn \\(AWS::Lambda::Function\\): .*${message}`));
  });
});

describe('eventSourceMappings', () => {
  const mapping = (properties: object) =>
    eventSourceMappings(
      loadAssembly(
        writeAssembly({
          Resources: {
            Fn: fn(),
            Queue: { Type: 'AWS::SQS::Queue' },
            Map: {
              Type: 'AWS::Lambda::EventSourceMapping',
              Properties: { FunctionName: { Ref: 'Fn' }, ...properties },
            },
          },
        }),
      ),
    );

  test('takes over all that the service knows of a queue', () => {
    expect(
      mapping({
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        BatchSize: 5,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
        FilterCriteria: { Filters: [{ Pattern: '{}' }] },
      }),
    ).toEqual({
      queues: [
        {
          uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          enabled: true,
          mapping: {
            eventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:Shop-Queue',
            functionName: 'Shop-Fn',
            batchSize: 5,
            reportBatchItemFailures: true,
            maximumConcurrency: 2,
            filterPatterns: ['{}'],
          },
        },
      ],
      streams: [],
    });
  });

  test('says what is switched off and refuses what does not run here', () => {
    const EventSourceArn = { 'Fn::GetAtt': ['Queue', 'Arn'] };
    expect(mapping({ EventSourceArn, Enabled: 'false' })).toMatchObject({ queues: [{ enabled: false }], streams: [] });
    expect(() => mapping({ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' })).toThrow(
      'Map (AWS::Lambda::EventSourceMapping): only queues and DynamoDB streams run locally, found arn:aws:kinesis',
    );
    expect(() => mapping({ EventSourceArn, TumblingWindowInSeconds: 30 })).toThrow(
      'tumbling windows do not run locally',
    );
  });
});
