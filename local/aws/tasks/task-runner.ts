import type { RunTask, TaskRunner } from '../../engine/task-runner.ts';
import { activity } from './activity.ts';
import { type DynamoDbPorts, dynamoDb } from './dynamodb.ts';
import { functionArn } from './function-arn.ts';
import { itemReader, type S3Ports } from './item-reader.ts';
import { type LambdaPorts, lambdaInvoke } from './lambda-invoke.ts';
import { resultWriter } from './result-writer.ts';
import { type QueuePorts, sqsSendMessage } from './sqs-send-message.ts';
import { startExecution } from './start-execution.ts';

export interface TaskPorts extends LambdaPorts {
  queues: QueuePorts;
  dynamodb: DynamoDbPorts;
  s3: S3Ports;
}

/** Every integration of this runtime, by the Resources that it serves. */
export function createTaskRunner(ports: TaskPorts): TaskRunner {
  const integrations: [RegExp, RunTask][] = [
    [/^arn:[^:]+:states:::lambda:invoke(\.waitForTaskToken)?$/, lambdaInvoke(ports)],
    [/^arn:[^:]+:lambda:[^:]*:[^:]*:function:/, functionArn(ports)],
    [/^arn:[^:]+:states:[^:]*:\d+:activity:/, activity],
    [/^arn:[^:]+:states:::sqs:sendMessage(\.waitForTaskToken)?$/, sqsSendMessage(ports.queues)],
    [/^itemReader:arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/, itemReader(ports.s3)],
    [/^resultWriter:arn:[^:]+:states:::s3:putObject$/, resultWriter(ports.s3)],
    [/^arn:[^:]+:states:::dynamodb:(getItem|putItem|updateItem|deleteItem)$/, dynamoDb(ports.dynamodb)],
    [/^arn:[^:]+:states:::states:startExecution(\.sync|\.sync:2|\.waitForTaskToken)?$/, startExecution],
  ];
  const known = new Map<string, RunTask | undefined>();

  function find(resource: string): RunTask | undefined {
    if (!known.has(resource)) known.set(resource, integrations.find(([pattern]) => pattern.test(resource))?.[1]);
    return known.get(resource);
  }

  return {
    supports: (resource) => find(resource) !== undefined,
    run(task, context) {
      const run = find(task.resource);
      if (run) return run(task, context);
      const cause = `This runtime has no integration for ${task.resource}.`;
      return Promise.resolve({ type: 'taskFailed', error: 'States.Runtime', cause, stage: 'schedule' });
    },
  };
}
