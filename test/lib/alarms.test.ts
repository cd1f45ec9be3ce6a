import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const alarms = orders.ofType('AWS::CloudWatch::Alarm');
const machineOf = (alarm: string) =>
  orders
    .one('AWS::CloudWatch::Alarm', `Alarms/${alarm}/`)
    .properties.Dimensions.map(({ Value }: { Value: object }) => orders.text(Value));

describe('the alarms', () => {
  it('are those that mean that someone must look', () => {
    expect(
      alarms.map(({ path, properties }) => [path.split('/')[1], properties.MetricName, properties.Threshold]),
    ).toEqual([
      ['ExecutionsFailed', 'ExecutionsFailed', 0],
      ['ExecutionsTimedOut', 'ExecutionsTimedOut', 0],
      ['ExecutionsAborted', 'ExecutionsAborted', 0],
      ['ResumedExecutionsFailed', 'ExecutionsFailed', 0],
      ['ResumedExecutionsTimedOut', 'ExecutionsTimedOut', 0],
      ['ResumedExecutionsAborted', 'ExecutionsAborted', 0],
      ['WaitsNotOpened', 'ApproximateAgeOfOldestMessage', 15 * 60],
      ['DeadWaits', 'NumberOfMessagesReceived', 0],
      ['AnswersLate', 'IteratorAge', 5 * 60 * 1000],
      ['AnswersUndelivered', 'ApproximateNumberOfMessagesVisible', 0],
      ['RemindersLost', 'ApproximateNumberOfMessagesVisible', 0],
      ['KeysNotRotated', 'Errors', 0],
      ['ApiErrors', '5xx', 0],
      ['LambdasThrottled', 'Throttles', 0],
      ['ParcelGoneAfterCancellation', 'ParcelGoneAfterCancellation', 0],
      ['UnknownTrackingNumber', 'UnknownTrackingNumber', 0],
      ['OrderLinesLost', 'OrderLinesLost', 0],
      ['OrdersCancelledByFault', 'OrdersCancelledByFault', 0],
      ['WaitsPastDue', 'WaitsPastDue', 0],
      ['AnswersStuck', 'AnswersStuck', 0],
      ['OrdersStuck', 'OrdersStuck', 0],
      ['DetectorFailing', 'Errors', 0],
      ['DetectorSilent', 'OrdersStuck', 1],
    ]);
  });

  it('are each in the runbook, so that whoever is woken finds what to do', () => {
    const rows = readFileSync('docs/operations.md', 'utf8')
      .split('\n')
      .filter((line) => /^\| alarms? `/.test(line))
      .map((line) => line.split('|')[1]);
    const named = rows.flatMap((cell) => [...cell!.matchAll(/`(\w+)`/g)].map((match) => match[1]));
    const names = alarms.map(({ path }) => path.split('/')[1]!);
    // `Resumed...` is one row: they mean the same as the others.
    expect(names.filter((name) => !named.includes(name) && !named.includes(name.replace(/^Resumed/, '')))).toEqual([]);
    expect(named.filter((name) => !names.includes(name!))).toEqual([]);
  });

  it.each(['Failed', 'TimedOut', 'Aborted'])('hear of executions that %s on either machine', (end) => {
    expect(machineOf(`Executions${end}`)).toEqual(['OrderFulfillment/StateMachine']);
    expect(machineOf(`ResumedExecutions${end}`)).toEqual(['OrderFulfillment/ResumeStateMachine']);
  });

  it('hear of a parcel that went out and was refunded: the metric is the one that the webhook of this stack writes', () => {
    const { Namespace, Dimensions } = orders.one(
      'AWS::CloudWatch::Alarm',
      'Alarms/ParcelGoneAfterCancellation',
    ).properties;
    const { environment } = orders.function('Api/CarrierEvent');
    expect(Namespace).toBe(environment.POWERTOOLS_METRICS_NAMESPACE);
    expect(Dimensions).toEqual([{ Name: 'service', Value: environment.POWERTOOLS_SERVICE_NAME }]);
    const handler = readFileSync(new URL('../../lambdas/api/carrier-event.ts', import.meta.url), 'utf8');
    expect(handler).toContain("addMetric('ParcelGoneAfterCancellation'");
    // And by the steps that find a scan which came before its label was on record, under the same name of a service.
    const adapter = readFileSync(new URL('../../lambdas/adapters/parcel-gone.ts', import.meta.url), 'utf8');
    expect(adapter).toContain("addMetric('ParcelGoneAfterCancellation'");
    expect(adapter).toContain(`serviceName: '${environment.POWERTOOLS_SERVICE_NAME}'`);
    // The stack's name: another stage in the same account does not ring here.
    expect(Namespace).toBe('orders');
  });

  it('hear of lines that are lost from whatever of this stack shows them', () => {
    const { Namespace, Dimensions } = orders.one('AWS::CloudWatch::Alarm', 'Alarms/OrderLinesLost').properties;
    for (const name of ['GetOrder', 'ShowWait', 'Inbox']) {
      const { environment } = orders.function(`Api/${name}`);
      expect(Namespace).toBe(environment.POWERTOOLS_METRICS_NAMESPACE);
      expect(Dimensions).toEqual([{ Name: 'service', Value: environment.POWERTOOLS_SERVICE_NAME }]);
    }
    const reader = readFileSync(new URL('../../lambdas/api/whole-lines.ts', import.meta.url), 'utf8');
    expect(reader).toContain("addMetric('OrderLinesLost'");
  });

  it('hear of orders that are undone because something is broken, from the step that closes them', () => {
    const { Namespace, Dimensions } = orders.one('AWS::CloudWatch::Alarm', 'Alarms/OrdersCancelledByFault').properties;
    const { environment } = orders.function('OrderFulfillment/CloseOrder');
    expect(Namespace).toBe(environment.POWERTOOLS_METRICS_NAMESPACE);
    expect(Dimensions).toEqual([{ Name: 'service', Value: environment.POWERTOOLS_SERVICE_NAME }]);
  });

  it.each(['WaitsPastDue', 'AnswersStuck', 'OrdersStuck'])('hear of %s from the detector of this stack', (name) => {
    const { Namespace, Dimensions, Period } = orders.one('AWS::CloudWatch::Alarm', `Alarms/${name}`).properties;
    const { environment } = orders.function('Detector/FindStuck');
    expect(Namespace).toBe(environment.POWERTOOLS_METRICS_NAMESPACE);
    expect(Dimensions).toEqual([{ Name: 'service', Value: environment.POWERTOOLS_SERVICE_NAME }]);
    // As often as it looks: an alarm that ends while nothing was mended would be no alarm.
    expect(Period).toBe(3600);
    const handler = readFileSync(new URL('../../lambdas/waits/find-stuck.ts', import.meta.url), 'utf8');
    expect(handler).toContain(`addMetric('${name}'`);
  });

  it('hear of a detector that does not run, which makes no error and counts nothing', () => {
    const found = orders.one('AWS::CloudWatch::Alarm', 'Alarms/DetectorSilent').properties;
    expect(found).toMatchObject({
      Statistic: 'SampleCount',
      Period: 3600,
      EvaluationPeriods: 3,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    const counted = orders.one('AWS::CloudWatch::Alarm', 'Alarms/OrdersStuck').properties;
    expect([found.Namespace, found.Dimensions]).toEqual([counted.Namespace, counted.Dimensions]);
    expect(found.AlarmDescription).toMatch(/^[A-Z].{20,}\.$/);
  });

  const ofEvents = alarms.filter(({ path }) => !path.includes('/DetectorSilent/'));
  it.each(ofEvents)('$path says what happened, and is quiet when nothing does', ({ properties }) => {
    expect(properties.AlarmDescription).toMatch(/^[A-Z].{20,}\.$/);
    expect(properties.TreatMissingData).toBe('notBreaching');
    expect(properties.ComparisonOperator).toBe('GreaterThanThreshold');
  });

  it('mail nobody unless cdk.json names someone', () => {
    expect(orders.ofType('AWS::SNS::Topic')).toEqual([]);
    const mailing = synthesizeOrders({ alarmEmail: 'duty@shop.test' });
    const { Protocol, Endpoint } = mailing.one('AWS::SNS::Subscription').properties;
    expect([Protocol, Endpoint]).toEqual(['email', 'duty@shop.test']);
    // A topic with a policy of its own lets nobody in whom it does not name, CloudWatch included.
    expect(mailing.one('AWS::SNS::TopicPolicy').properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
    for (const { properties } of mailing.ofType('AWS::CloudWatch::Alarm')) {
      expect(properties.AlarmActions.map((action: object) => mailing.text(action))).toEqual(['Alarms/Topic']);
    }
  });
});
