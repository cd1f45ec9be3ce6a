import { describe, expect, it } from 'vitest';
import { integrationOf } from '../../../local/asl/integration.ts';
import { parseMachine } from '../../../local/asl/machine.ts';

function integration(Resource: string) {
  const definition = { StartAt: 'T', States: { T: { Type: 'Task', Resource, End: true } } };
  const state = parseMachine(JSON.stringify(definition)).states.get('T');
  return state && integrationOf(state);
}

describe('a Resource', () => {
  it.each<[string, string, string, string, boolean]>([
    ['arn:aws:states:::lambda:invoke', 'Task', 'lambda', 'invoke', false],
    ['arn:aws:states:::sqs:sendMessage.waitForTaskToken', 'Task', 'sqs', 'sendMessage.waitForTaskToken', true],
    ['arn:aws:states:::states:startExecution.sync:2', 'Task', 'states', 'startExecution.sync:2', true],
    ['arn:aws:states:::aws-sdk:dynamodb:getItem', 'Task', 'aws-sdk:dynamodb', 'getItem', false],
  ])('%s is known by its service and action', (arn, events, resourceType, resource, waits) => {
    expect(integration(arn)).toEqual({ events, resourceType, resource, waits });
  });

  it.each([
    ['arn:aws:lambda:us-east-1:000000000000:function:charge:live', 'LambdaFunction', false],
    ['arn:aws:states:us-east-1:000000000000:activity:pick', 'Activity', true],
  ])('%s is known by its whole ARN', (arn, events, waits) => {
    expect(integration(arn)).toEqual({ events, resourceType: arn, resource: arn, waits });
  });
});
