import { describe, expect, it } from 'vitest';
import { synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const group = 'orders-reminders';
const schedules = `arn:AWS::Partition:scheduler:AWS::Region:AWS::AccountId:schedule/${group}/*`;
const rightsOf = (name: string, service: string) =>
  orders.function(name).statements.filter(({ actions }) => actions.some((action) => action.startsWith(`${service}:`)));

describe('the reminders of waits', () => {
  it('are schedules of a group of their own, which goes with the stack', () => {
    expect(orders.one('AWS::Scheduler::ScheduleGroup', 'Waits/').properties.Name).toBe(group);
  });

  it('are made by who opens waits and by who moves them on, as no other role than theirs, for no other service', () => {
    for (const name of ['Waits/OpenWait', 'Waits/RemindWait']) {
      expect(rightsOf(name, 'scheduler')).toEqual([
        {
          actions: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule', 'scheduler:UpdateSchedule'],
          resources: [schedules],
          condition: undefined,
        },
      ]);
      expect(rightsOf(name, 'iam')).toEqual([
        {
          actions: ['iam:PassRole'],
          resources: ['Waits/Reminders/Role.Arn'],
          condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
        },
      ]);
    }
  });

  it('are deleted by who delivers answers, who may do nothing else with them', () => {
    expect(rightsOf('Waits/DeliverAnswer', 'scheduler')).toEqual([
      { actions: ['scheduler:DeleteSchedule'], resources: [schedules], condition: undefined },
    ]);
    expect(rightsOf('Waits/DeliverAnswer', 'iam')).toEqual([]);
  });

  it("are nobody else's business", () => {
    const others = orders
      .functions()
      .filter(({ name }) => !['Waits/OpenWait', 'Waits/RemindWait', 'Waits/DeliverAnswer'].includes(name));
    for (const { name } of others) expect([name, ...rightsOf(name, 'scheduler')]).toEqual([name]);
  });

  it('are put into their queue, and nowhere else, by schedules of this group in this account', () => {
    const role = orders.one('AWS::IAM::Role', 'Waits/Reminders/Role');
    expect(orders.statementsOf(role.id)).toEqual([
      { actions: ['sqs:SendMessage'], resources: ['Waits/Reminders/Due.Arn'], condition: undefined },
    ]);
    const [trust] = role.properties.AssumeRolePolicyDocument.Statement;
    expect(trust.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
    const { 'aws:SourceAccount': account, 'aws:SourceArn': arn } = trust.Condition.StringEquals;
    expect(orders.text(account)).toBe('AWS::AccountId');
    expect(orders.text(arn)).toBe('Waits/Reminders/Group.Arn');
    for (const name of ['Waits/OpenWait', 'Waits/RemindWait']) {
      expect(orders.text(orders.function(name).environment.REMINDERS_QUEUE_ARN)).toBe('Waits/Reminders/Due.Arn');
    }
  });

  it('that fail for three hours are where an alarm sees them', () => {
    const { RedrivePolicy, VisibilityTimeout } = orders.one('AWS::SQS::Queue', 'Waits/Reminders/Due').properties;
    expect(orders.text(RedrivePolicy.deadLetterTargetArn)).toBe('Waits/Reminders/Lost.Arn');
    expect(RedrivePolicy.maxReceiveCount * VisibilityTimeout).toBe(3 * 3600);
  });
});
