import { describe, expect, test } from 'vitest';
import { applySchedules } from '../../../../local/aws/scheduler/apply-schedules.ts';
import { loadAssembly } from '../../../../local/template/load-assembly.ts';
import { writeAssembly } from '../../template/write-assembly.ts';
import { inDays, request, roleArn, specification, startScheduler } from './start-scheduler.ts';

const type = 'AWS::Scheduler::Schedule';

/** A resource of the template; its name follows from its logical id. */
const schedule = (expression: string, more: Record<string, object | string> = {}) => {
  const { Name: _, ...Properties } = request('-', expression, more);
  return { Type: type, Properties };
};
const group = { Type: 'AWS::Scheduler::ScheduleGroup', Properties: {} };

type Started = ReturnType<typeof startScheduler>;

/** As a start of the runtime with this template. */
const deploy = ({ scheduler, store }: Started, Resources: object) =>
  applySchedules(scheduler, store, loadAssembly(writeAssembly({ Resources })));
const namesIn = ({ scheduler }: Started) =>
  scheduler.list().map(({ specification: { GroupName, Name } }) => `${GroupName}/${Name}`);

describe('a template', () => {
  test('makes its schedules, in its groups, and they run', async () => {
    const it = startScheduler();
    await deploy(it, {
      Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'sweep' } },
      Sweep: schedule(inDays(1), {
        GroupName: { Ref: 'Waits' },
        State: 'ENABLED',
        Target: {
          Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          // CloudFormation writes numbers as texts as well.
          RetryPolicy: { MaximumRetryAttempts: '3' },
        },
      }),
      Waits: group,
    });
    expect(namesIn(it)).toEqual(['Shop-Waits/Shop-Sweep']);
    await it.advanceDays(1);
    expect(it.got).toMatchObject([{ arn: 'arn:aws:sqs:us-east-1:000000000000:sweep' }]);
    expect(it.scheduler.get('Shop-Waits', 'Shop-Sweep').specification.Target.RetryPolicy.MaximumRetryAttempts).toBe(3);
  });

  test('that changed updates them, and what it no longer has goes; what the API made stays', async () => {
    const it = startScheduler();
    await deploy(it, { Changed: schedule(inDays(1)), Gone: schedule(inDays(1)), Group: group });
    await it.create('by-hand', inDays(9));
    await it.create('in-group', inDays(9), { GroupName: 'Shop-Group' });
    await deploy(it, { Changed: schedule(inDays(2)) });
    expect(namesIn(it)).toEqual(['default/Shop-Changed', 'default/by-hand']);
    expect(it.scheduler.groups().map(({ name }) => name)).toEqual(['default']);
    await it.advanceDays(1);
    expect(it.got).toEqual([]);
    await it.advanceDays(1);
    expect(it.got).toHaveLength(1);
  });

  test('that did not change runs nothing twice and brings nothing back, however often it is started', async () => {
    const it = startScheduler();
    const Resources = {
      Once: schedule(inDays(-1)),
      OnceAndGone: schedule(inDays(-1), { ActionAfterCompletion: 'DELETE' }),
      DeletedByHand: schedule(inDays(1)),
    };
    await deploy(it, Resources);
    await it.clock.advance(0);
    await it.scheduler.delete('default', 'Shop-DeletedByHand');
    it.kill();
    const again = startScheduler({ store: it.store });
    await deploy(again, Resources);
    await again.advanceDays(2);
    expect([it.got.length, again.got]).toEqual([2, []]);
    expect(namesIn(again)).toEqual(['default/Shop-Once']);
  });

  test('that gives a schedule another group or name makes a new one in its place', async () => {
    const it = startScheduler();
    await deploy(it, { Moved: schedule(inDays(1)), Group: group });
    await deploy(it, { Moved: schedule(inDays(1), { GroupName: { Ref: 'Group' } }), Group: group });
    expect(namesIn(it)).toEqual(['Shop-Group/Shop-Moved']);
  });

  test.each<[string, object, RegExp]>([
    [
      'a target that does not run here',
      schedule('rate(1 day)', { Target: { Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/c', RoleArn: roleArn } }),
      /^Bad \(AWS::Scheduler::Schedule\): Target\.Arn: only Lambda functions, SQS queues and state machines run locally/,
    ],
    [
      'an expression that is none',
      schedule('daily'),
      /^Bad .*: ScheduleExpression: Invalid Schedule Expression: .*"daily"\.$/,
    ],
    [
      'a group that is not there',
      schedule('rate(1 day)', { GroupName: 'g' }),
      /^Bad .*: Schedule group g does not exist/,
    ],
    [
      'a name that was taken through the API',
      { ...schedule('rate(1 day)'), Properties: request('by-hand', 'rate(1 day)') },
      /^Bad .*: Schedule by-hand already exists, and not because of this template\./,
    ],
  ])('with %s is refused with a sentence that names the resource', async (_, Bad, message) => {
    const it = startScheduler();
    await it.scheduler.create(specification('by-hand', inDays(9)));
    const refused = expect(deploy(it, { Bad })).rejects;
    await refused.toMatchObject({ name: 'CannotStart', message: expect.stringMatching(message) });
    // It is not taken for applied at the next start.
    await expect(deploy(it, { Bad })).rejects.toMatchObject({ name: 'CannotStart' });
  });
});
