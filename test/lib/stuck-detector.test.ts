import { describe, expect, it } from 'vitest';
import { waits } from '../../statemachines/order-fulfillment.steps.ts';
import { synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const findStuck = orders.function('Detector/FindStuck');

describe('the detector', () => {
  it('looks every hour, invoked by its one schedule, whose role may do nothing else', () => {
    const { ScheduleExpression, Target, State } = orders.one('AWS::Scheduler::Schedule').properties;
    expect([ScheduleExpression, State]).toEqual(['rate(1 hour)', undefined]);
    expect(orders.text(Target.Arn)).toBe('Detector/FindStuck.Arn');
    expect(orders.statementsOf(orders.one('AWS::IAM::Role', 'Detector/ScheduleRole').id)).toEqual([
      { actions: ['lambda:InvokeFunction'], resources: ['Detector/FindStuck.Arn'], condition: undefined },
    ]);
  });

  it('has a group of its own, which whoever makes reminders cannot reach', () => {
    const { GroupName } = orders.one('AWS::Scheduler::Schedule').properties;
    expect(orders.text(GroupName)).toBe('orders-detector');
  });

  it('knows how long each state waits, from the one table', () => {
    const known = JSON.parse(findStuck.environment.WAIT_TIMEOUTS_SECONDS);
    expect(Object.keys(known)).toEqual(Object.keys(waits));
    for (const [state, { timeoutSeconds }] of Object.entries(waits)) expect(known[state]).toBe(timeoutSeconds);
  });

  it('scans no table, starts nothing and answers no task', () => {
    const actions = findStuck.statements.flatMap((statement) => statement.actions);
    expect([...new Set(actions)].filter((action) => !action.startsWith('xray:')).sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'states:DescribeExecution',
      'states:GetExecutionHistory',
    ]);
  });
});
