import { describe, expect, it } from 'vitest';
import { synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const queue = (path: string) => orders.one('AWS::SQS::Queue', path).properties;
const source = (consumer: string) => orders.one('AWS::Lambda::EventSourceMapping', `Waits/${consumer}/`).properties;

describe('the waits queue', () => {
  it('hands a message that nobody can take in to the dead letters', () => {
    const { RedrivePolicy, VisibilityTimeout } = queue('WaitsQueue/Queue');
    const { deadLetterTargetArn, maxReceiveCount } = RedrivePolicy;
    expect(orders.text(deadLetterTargetArn)).toBe('WaitsQueue/DeadLetters.Arn');
    // Three hours: an outage of the consumer cancels no order, and what nobody can read fails before any wait is over.
    expect(maxReceiveCount * VisibilityTimeout).toBe(3 * 3600);
  });

  it('hides a message six times as long as its consumer may take', () => {
    for (const [path, consumer] of [
      ['WaitsQueue/Queue', 'OpenWait'],
      ['WaitsQueue/DeadLetters', 'FailDeadWait'],
      ['Waits/Reminders/Due', 'RemindWait'],
    ] as const) {
      const { Timeout } = orders.function(`Waits/${consumer}`).resource.properties;
      expect(queue(path).VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    }
  });

  it('and every other queue is encrypted, refuses plain HTTP, and keeps messages as long as SQS can', () => {
    const queues = orders.ofType('AWS::SQS::Queue');
    expect(queues).toHaveLength(5);
    for (const { id, properties } of queues) {
      expect(properties.SqsManagedSseEnabled).toBe(true);
      expect(properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
      const policy = orders.ofType('AWS::SQS::QueuePolicy').find((each) => each.properties.Queues[0].Ref === id);
      expect(policy?.properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });
});

describe('the consumers of waits', () => {
  it('give back only the messages that failed', () => {
    const sources = orders.ofType('AWS::Lambda::EventSourceMapping');
    expect(sources).toHaveLength(4);
    for (const { properties } of sources) expect(properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it('open waits from the queue, and fail those that became dead letters', () => {
    expect(orders.text(source('OpenWait').EventSourceArn)).toBe('WaitsQueue/Queue.Arn');
    expect(orders.text(source('FailDeadWait').EventSourceArn)).toBe('WaitsQueue/DeadLetters.Arn');
  });

  it('deliver an answer until Step Functions has it, and put what is left where an alarm sees it', () => {
    const stream = source('DeliverAnswer');
    expect(orders.text(stream.EventSourceArn)).toBe('Storage/Waits.StreamArn');
    expect(stream).toMatchObject({ MaximumRetryAttempts: -1, BisectBatchOnFunctionError: true });
    expect(stream.StartingPosition).toBe('TRIM_HORIZON');
    // Longer than an outage should last; what is older is told of again by the detector.
    expect(stream.MaximumRecordAgeInSeconds).toBe(6 * 3600);
    expect(orders.text(stream.DestinationConfig.OnFailure.Destination)).toBe('Waits/Undelivered.Arn');
  });

  it('are not run for a wait that has no token, no answer, or was delivered', () => {
    const [filter] = source('DeliverAnswer').FilterCriteria.Filters;
    expect(JSON.parse(filter.Pattern)).toEqual({
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: {
        NewImage: {
          token: { S: [{ exists: true }] },
          answer: { M: { at: { S: [{ exists: true }] } } },
          deliveredAt: { S: [{ exists: false }] },
          tooLateAt: { S: [{ exists: false }] },
        },
      },
    });
  });

  it('may answer the tasks of both machines of the process, and of no other', () => {
    const answers = (name: string) =>
      orders.function(`Waits/${name}`).statements.filter(({ actions }) => actions.includes('states:SendTaskSuccess'));
    for (const name of ['DeliverAnswer', 'FailDeadWait']) {
      expect(answers(name).flatMap(({ resources }) => resources)).toEqual([
        'OrderFulfillment/ResumeStateMachine',
        'OrderFulfillment/StateMachine',
      ]);
    }
    expect(answers('OpenWait')).toEqual([]);
  });
});
