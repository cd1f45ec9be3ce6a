import { describe, expect, it } from 'vitest';
import {
  executionArnOf,
  executionNameOf,
  machineOfExecution,
  nameOfExecution,
  parseExecutionName,
  resumeMachineArn,
} from '../../../lambdas/domain/execution-name.ts';

describe("the names of an order's executions", () => {
  const orderId = 'ord_0123456789abcdefghjkmnpqrs';
  it.each([1, 2, 9, 10, 4711])('say the order and the number %i', (number) => {
    expect(parseExecutionName(executionNameOf({ orderId, number }))).toEqual({ orderId, number });
  });
  it('are the order itself for the first, and never end in -1 or -02', () => {
    expect(executionNameOf({ orderId, number: 1 })).toBe(orderId);
    for (const name of [`${orderId}-1`, `${orderId}-02`, `${orderId}-x`]) {
      expect(parseExecutionName(name)).toEqual({ orderId: name, number: 1 });
    }
  });
});

it('the resume machine and executions are found from the ARN of the alias', () => {
  const live = 'arn:aws:states:us-east-1:1:stateMachine:orders:live';
  expect(resumeMachineArn(live)).toBe('arn:aws:states:us-east-1:1:stateMachine:orders-resume');
  const execution = executionArnOf(resumeMachineArn(live), 'ord_1-2');
  expect(execution).toBe('arn:aws:states:us-east-1:1:execution:orders-resume:ord_1-2');
  expect([machineOfExecution(execution), nameOfExecution(execution)]).toEqual([resumeMachineArn(live), 'ord_1-2']);
});
