import { expect, test } from 'vitest';
import type { RunTask } from '../../../local/engine/task-runner.ts';
import { chain, create, startEngine } from '../../support/engine.ts';

const definition = chain({
  Type: 'Map',
  ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'files', Key: 'orders.json' } },
  ItemBatcher: { MaxItemsPerBatch: 2 },
  ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'files' } },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Each',
    States: { Each: { Type: 'Pass', End: true } },
  },
});
const reader = 'itemReader:arn:aws:states:::s3:getObject';
const writer = 'resultWriter:arn:aws:states:::s3:putObject';

test('a reader, and a writer, that were in flight when the runtime ended are asked again', async () => {
  const asked: string[] = [];
  const answering =
    (answers: Record<string, string>): RunTask =>
    (task) => {
      asked.push(task.resource);
      const output = answers[task.resource];
      // Without an answer it is in flight when the runtime ends.
      return output === undefined ? new Promise(() => {}) : Promise.resolve({ type: 'taskSucceeded', output });
    };

  await using first = await startEngine({ run: answering({}) });
  const { executionArn } = await first.engine.executions.start({ stateMachineArn: create(first, definition) });
  await expect.poll(() => asked).toEqual([reader]);
  await using second = await first.restart({ run: answering({ [reader]: '[1,2,3]' }) });
  await expect.poll(() => asked).toEqual([reader, reader, writer]);
  await using third = await second.restart({ run: answering({ [writer]: '{"done":true}' }) });
  const { status, output } = await third.engine.executions.ended(executionArn);
  expect({ status, output, asked }).toEqual({
    status: 'SUCCEEDED',
    output: '{"done":true}',
    asked: [reader, reader, writer, writer],
  });
});
