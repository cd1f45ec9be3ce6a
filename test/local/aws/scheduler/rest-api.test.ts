import {
  ConflictException,
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  paginateListSchedules,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
  ValidationException,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { schedulerOperations } from '../../../../local/aws/scheduler/operations.ts';
import { createSchedulerRestApi } from '../../../../local/aws/scheduler/rest-api.ts';
import { createWire } from '../../../../local/aws/wire.ts';
import { inDays, noon, queueArn, roleArn, startScheduler } from './start-scheduler.ts';

const wire = createWire();
let started: ReturnType<typeof startScheduler>;
let endpoint: string;
let client: SchedulerClient;

beforeAll(async () => {
  wire.route((request, response) =>
    createSchedulerRestApi(schedulerOperations(started.scheduler, started.clock))(request, response),
  );
  wire.route(async (_request, response) => {
    response.writeHead(418).end();
    return true;
  });
  endpoint = await wire.listen(0);
  client = new SchedulerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await wire.stop();
});
beforeEach(() => {
  started = startScheduler();
});

const reminder = (Name: string, ScheduleExpression = inDays(3)) => ({
  Name,
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: { Arn: queueArn, RoleArn: roleArn, Input: 'ring' },
});
const create = (Name: string, more: object = {}) =>
  client.send(new CreateScheduleCommand({ ...reminder(Name), ...more }));
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error & { $metadata: { httpStatusCode: number } }) => error,
  );

describe('schedules', () => {
  test('are described as they were created, with the defaults of the service', async () => {
    const arn = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/r-1';
    const dates = { StartDate: new Date(noon + 1000), EndDate: new Date(noon + 9000) };
    const { $metadata: _, ...created } = await create('r-1', { ...dates, Description: 'of one wait' });
    expect(created).toEqual({ ScheduleArn: arn });
    const { $metadata: __, ...described } = await client.send(new GetScheduleCommand({ Name: 'r-1' }));
    expect(described).toEqual({
      ...reminder('r-1'),
      ...dates,
      Arn: arn,
      GroupName: 'default',
      Description: 'of one wait',
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'NONE',
      Target: {
        ...reminder('r-1').Target,
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
      CreationDate: new Date(noon),
      LastModificationDate: new Date(noon),
    });
  });

  test('are replaced as a whole', async () => {
    await create('r', { Description: 'old', State: 'DISABLED' });
    await started.clock.advance(1000);
    await client.send(new UpdateScheduleCommand(reminder('r', 'rate(1 hour)')));
    const described = await client.send(new GetScheduleCommand({ Name: 'r' }));
    expect(described).not.toHaveProperty('Description');
    expect(described).toMatchObject({
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 hour)',
      CreationDate: new Date(noon),
      LastModificationDate: new Date(noon + 1000),
    });
  });

  test('are listed by page, group, name and state', async () => {
    await client.send(new CreateScheduleGroupCommand({ Name: 'waits' }));
    for (const name of ['a-1', 'a-2', 'b-1']) await create(name);
    await create('a-3', { GroupName: 'waits', State: 'DISABLED' });
    const names = async (filter: object) => {
      const found: string[] = [];
      for await (const page of paginateListSchedules({ client, pageSize: 2 }, filter)) {
        found.push(...page.Schedules!.map(({ GroupName, Name }) => `${GroupName}/${Name}`));
      }
      return found;
    };
    expect(await names({})).toEqual(['default/a-1', 'default/a-2', 'default/b-1', 'waits/a-3']);
    expect(await names({ NamePrefix: 'a-', GroupName: 'default' })).toEqual(['default/a-1', 'default/a-2']);
    expect(await names({ State: 'DISABLED' })).toEqual(['waits/a-3']);
    const { Schedules } = await client.send(new ListSchedulesCommand({ GroupName: 'waits' }));
    expect(Schedules).toEqual([
      {
        Arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/waits/a-3',
        Name: 'a-3',
        GroupName: 'waits',
        State: 'DISABLED',
        Target: { Arn: queueArn },
        CreationDate: new Date(noon),
        LastModificationDate: new Date(noon),
      },
    ]);
  });

  test('that are deleted are gone', async () => {
    await create('r');
    await client.send(new DeleteScheduleCommand({ Name: 'r' }));
    for (const command of [new GetScheduleCommand({ Name: 'r' }), new DeleteScheduleCommand({ Name: 'r' })]) {
      const error = await refusalOf(client.send(command as GetScheduleCommand));
      expect(error).toBeInstanceOf(ResourceNotFoundException);
      expect(error).toMatchObject({ message: 'Schedule r does not exist.', $metadata: { httpStatusCode: 404 } });
    }
    expect(await refusalOf(client.send(new UpdateScheduleCommand(reminder('r'))))).toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  test('are created once by a request that is repeated with its client token', async () => {
    const { ScheduleArn } = await create('r', { ClientToken: 'once' });
    expect(await create('r', { ClientToken: 'once' })).toMatchObject({ ScheduleArn });
    for (const other of [{ ClientToken: 'twice' }, { ClientToken: 'once', Description: 'another' }]) {
      const error = await refusalOf(create('r', other));
      expect(error).toBeInstanceOf(ConflictException);
      expect(error).toMatchObject({ message: 'Schedule r already exists.', $metadata: { httpStatusCode: 409 } });
    }
  });
});

describe('groups', () => {
  test('are created, described, listed, and take their schedules with them', async () => {
    const { ScheduleGroupArn } = await client.send(new CreateScheduleGroupCommand({ Name: 'waits' }));
    expect(ScheduleGroupArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule-group/waits');
    expect(await client.send(new GetScheduleGroupCommand({ Name: 'waits' }))).toMatchObject({
      Arn: ScheduleGroupArn,
      State: 'ACTIVE',
      CreationDate: new Date(noon),
    });
    const { ScheduleGroups } = await client.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups!.map(({ Name }) => Name)).toEqual(['default', 'waits']);
    await create('r', { GroupName: 'waits' });
    await create('r');
    await client.send(new DeleteScheduleGroupCommand({ Name: 'waits' }));
    const { Schedules } = await client.send(new ListSchedulesCommand({}));
    expect(Schedules!.map(({ GroupName }) => GroupName)).toEqual(['default']);
    const commands = [
      new GetScheduleCommand({ Name: 'r', GroupName: 'waits' }),
      new GetScheduleGroupCommand({ Name: 'waits' }),
      new ListSchedulesCommand({ GroupName: 'waits' }),
      new CreateScheduleCommand({ ...reminder('r'), GroupName: 'waits' }),
    ];
    for (const command of commands) {
      expect(await refusalOf(client.send(command as GetScheduleCommand))).toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'Schedule group waits does not exist.',
      });
    }
  });

  test('have names of their own, and the default one stays', async () => {
    await client.send(new CreateScheduleGroupCommand({ Name: 'waits', ClientToken: 'once' }));
    await client.send(new CreateScheduleGroupCommand({ Name: 'waits', ClientToken: 'once' }));
    expect(await refusalOf(client.send(new CreateScheduleGroupCommand({ Name: 'waits' })))).toBeInstanceOf(
      ConflictException,
    );
    expect(await refusalOf(client.send(new DeleteScheduleGroupCommand({ Name: 'default' })))).toBeInstanceOf(
      ValidationException,
    );
  });
});

describe('a request that is wrong is refused with where, what was found and what was expected', () => {
  const target = reminder('r').Target;
  test.each<[object, string]>([
    [{ Name: 'a b' }, 'Name: expected a name of 1 to 64 letters, digits, - _ and .; found "a b"'],
    [{ Target: undefined }, 'Target: '],
    [{ ScheduleExpression: 'at(tomorrow)' }, 'ScheduleExpression: Invalid Schedule Expression: expected at(yyyy-'],
    [{ ScheduleExpression: 'cron(0 * * * * *)' }, 'exactly one of day of month and day of week must be ?'],
    [
      { ScheduleExpressionTimezone: 'Mars/Olympus' },
      'ScheduleExpressionTimezone: expected the name of a zone in the IANA database, such as Europe/Berlin; found "Mars/Olympus"',
    ],
    [{ State: 'ON' }, 'State: expected ENABLED or DISABLED; found "ON"'],
    [{ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'FlexibleTimeWindow.MaximumWindowInMinutes: expected a number'],
    [
      { Target: { ...target, RetryPolicy: { MaximumRetryAttempts: 186 } } },
      'Target.RetryPolicy.MaximumRetryAttempts: expected a whole number from 0 to 185; found 186',
    ],
    [
      { Target: { ...target, Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/c' } },
      'Target.Arn: only Lambda functions, SQS queues and state machines run locally, expected the ARN of one of them; found "arn:aws:ecs',
    ],
    [{ Target: { ...target, Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage' } }, 'Target.Arn: only Lambda'],
    [
      { Target: { ...target, Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f', Input: 'no JSON' } },
      'Target.Input: this target takes JSON only; found "no JSON"',
    ],
    [
      { Target: { ...target, DeadLetterConfig: { Arn: `${queueArn}.fifo` } } },
      'Target.DeadLetterConfig.Arn: expected the ARN of a standard queue',
    ],
    [{ StartDate: new Date(noon), EndDate: new Date(noon) }, 'EndDate: expected a date after StartDate'],
    [
      { StartDate: new Date(noon - 600_000), ScheduleExpression: 'rate(1 hour)' },
      'StartDate: The StartDate you specify cannot be earlier than 5 minutes ago; found 2026-01-01T11:50:00.000Z',
    ],
    [{ ClientToken: 'a b' }, 'ClientToken: '],
  ])('%j', async (change, message) => {
    const { Name, ...body } = { ...reminder('r'), ...change };
    // Not with the SDK, which would not send some of them.
    const response = await fetch(`${endpoint}/schedules/${encodeURIComponent(Name)}`, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/scheduler/aws4_request' },
      body: JSON.stringify(body, (key, value) => (/Date$/.test(key) ? Date.parse(value) / 1000 : value)),
    });
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'ValidationException']);
    expect(((await response.json()) as { Message: string }).Message).toContain(message);
    expect(started.scheduler.list()).toEqual([]);
  });

  test.each(['{"half', '[]', 'null'])('%s', async (body) => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/scheduler/aws4_request' };
    const response = await fetch(`${endpoint}/schedules/r`, { method: 'PUT', headers, body });
    expect(response.headers.get('x-amzn-errortype')).toBe('SerializationException');
  });
});

test('the date of a one-time schedule is ignored, so it may be past', async () => {
  await create('r', { StartDate: new Date(noon - 600_000) });
});

test('a keyword that stands for a number does not make an input that is no JSON', async () => {
  const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:f:live';
  await create('r', { Target: { Arn, RoleArn: roleArn, Input: '{"attempt":<aws.scheduler.attempt-number>}' } });
});

test('what is not supported is said by name', async () => {
  const error = await refusalOf(client.send(new ListTagsForResourceCommand({ ResourceArn: 'arn:aws:x' })));
  expect(error).toMatchObject({ name: 'UnknownOperationException', $metadata: { httpStatusCode: 404 } });
});

test('a bucket may be called as the API is: the signature says whom a request is for', async () => {
  for (const authorization of ['AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request', '']) {
    const response = await fetch(`${endpoint}/schedules/x`, { headers: { authorization } });
    expect(response.status).toBe(418);
  }
});
