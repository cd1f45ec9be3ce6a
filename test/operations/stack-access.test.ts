import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeRuntimeFile } from '../../local/runtime-file.ts';
import { openStack, reportFailure } from '../../operations/stack-access.ts';

describe('a stack on this machine', () => {
  let stateDir: string;
  let server: Server | undefined;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'stack-access-'));
  });
  afterEach(async () => {
    server?.close();
    await rm(stateDir, { recursive: true });
  });

  /** A runtime of which there is nothing but its health. */
  async function runtime(pid: number): Promise<void> {
    server = createServer((_, response) => response.end(JSON.stringify({ pid, now: '2026-01-02T03:04:05.000Z' })));
    await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const machine = 'arn:aws:states:eu-west-1:000000000000:stateMachine:waybill-dev-order-fulfillment:live';
    writeRuntimeFile(stateDir, {
      pid: 7,
      awsEndpoint: `http://127.0.0.1:${port}`,
      apiUrls: {},
      outputs: { StateMachineArn: machine },
      mailboxDir: '',
      logsDir: '',
      ports: { aws: port, dynamodb: 0, queues: 0, apis: {} },
    });
  }

  it('is the one that runs on the state folder, with its outputs and in its time', async () => {
    await runtime(7);
    const stack = await openStack({ state: stateDir });
    expect(stack).toMatchObject({ stackName: 'waybill-dev', isLocal: true });
    expect(await stack.now()).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    expect(await stack.deployment()).toBeUndefined();
    expect(await stack.sfn.config.region()).toBe('eu-west-1');
    expect(stack.output('StateMachineArn')).toMatch(/:live$/);
  });

  it('says what to do about an output that an older version of the app did not have', async () => {
    await runtime(7);
    const stack = await openStack({ state: stateDir });
    expect(() => stack.output('ResumeStateMachineArn')).toThrow(
      'The stack waybill-dev has no output ResumeStateMachineArn. It was started by an older version of the app: stop it and run npm start.',
    );
  });

  it('is missed where none was started, where it has ended, and where another one has its port', async () => {
    const sentence = `No runtime runs on ${stateDir}; start one with npm start. For a stack on AWS: --stack <name>.`;
    await expect(openStack({ state: stateDir })).rejects.toThrow(sentence);
    await runtime(8);
    await expect(openStack({ state: stateDir })).rejects.toThrow(sentence);
    server!.close();
    server!.closeAllConnections();
    await expect(openStack({ state: stateDir })).rejects.toThrow(sentence);
  });
});

describe('a stack on AWS', () => {
  const cloudFormation = mockClient(CloudFormationClient);
  beforeEach(() => {
    cloudFormation.reset();
    vi.stubEnv('AWS_REGION', 'eu-west-1');
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => cloudFormation.restore());

  const stackWith = (StackStatus: string) => ({
    Stacks: [
      {
        StackName: 'waybill-prod',
        CreationTime: new Date(0),
        StackStatus: StackStatus as 'UPDATE_COMPLETE',
        Outputs: [{ OutputKey: 'OrdersTableName', OutputValue: 'orders' }],
      },
    ],
  });

  it('has the outputs that CloudFormation knows', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: 'waybill-prod' }).resolves(stackWith('UPDATE_COMPLETE'));
    const stack = await openStack({ stack: 'waybill-prod', state: 'ignored' });
    expect(stack).toMatchObject({ stackName: 'waybill-prod', isLocal: false, outputs: { OrdersTableName: 'orders' } });
    expect(() => stack.output('StateMachineArn')).toThrow(
      /It was deployed by an older version of the app: npm run deploy/,
    );
  });

  it('says that it is being deployed as long as it is', async () => {
    cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce(stackWith('UPDATE_COMPLETE'))
      .resolvesOnce(stackWith('UPDATE_IN_PROGRESS'))
      .resolvesOnce(stackWith('UPDATE_ROLLBACK_COMPLETE'));
    const stack = await openStack({ stack: 'waybill-prod' });
    expect(await stack.deployment()).toBe('UPDATE_IN_PROGRESS');
    expect(await stack.deployment()).toBeUndefined();
  });

  it('has the resources that it is deployed from, however many there are', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves(stackWith('UPDATE_COMPLETE'));
    const page = (PhysicalResourceId: string, NextToken?: string) => ({
      StackResourceSummaries: [{ PhysicalResourceId } as StackResourceSummary],
      ...(NextToken && { NextToken }),
    });
    cloudFormation
      .on(ListStackResourcesCommand, { StackName: 'waybill-prod' })
      .resolves(page('arn:machine:7', 'more'))
      .on(ListStackResourcesCommand, { StackName: 'waybill-prod', NextToken: 'more' })
      .resolves(page('orders'));
    const stack = await openStack({ stack: 'waybill-prod' });
    expect(await stack.resourceIds()).toEqual(new Set(['arn:machine:7', 'orders']));
  });

  it('that is not there is named with the region that was looked in', async () => {
    const error = Object.assign(new Error('Stack with id waybill-test does not exist'), { name: 'ValidationError' });
    cloudFormation.on(DescribeStacksCommand).rejects(error);
    await expect(openStack({ stack: 'waybill-test' })).rejects.toThrow(
      'There is no stack waybill-test in eu-west-1 of this account.',
    );
  });
});

describe('a command that fails', () => {
  const printed = (error: unknown): unknown => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
    reportFailure(error);
    process.exitCode = undefined;
    const [[first] = []] = spy.mock.calls;
    spy.mockRestore();
    return first;
  };

  it('says who may not do what in the words of AWS, without a stack', () => {
    const denied = Object.assign(new Error('User: x is not authorized to perform: states:ListExecutions'), {
      name: 'AccessDeniedException',
      $metadata: {},
    });
    expect(printed(denied)).toBe(
      'AWS answered AccessDeniedException: User: x is not authorized to perform: states:ListExecutions',
    );
  });

  it('says how to sign in where nobody is', () => {
    const error = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    expect(printed(error)).toBe(
      'Could not load credentials from any providers. Set AWS_PROFILE and AWS_REGION, or sign in: aws sso login.',
    );
  });

  it('shows a defect as it is', () => {
    const error = new TypeError('x is not a function');
    expect(printed(error)).toBe(error);
  });
});
