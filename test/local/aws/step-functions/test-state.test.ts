import { TestStateCommand, type TestStateCommandInput } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { startEngine } from '../../../support/engine.ts';

type Request = Omit<TestStateCommandInput, 'definition'>;

async function tested(definition: object, request: Request = {}) {
  await using runtime = await startEngine();
  const { $metadata, ...answer } = await runtime.sfn.send(
    new TestStateCommand({ definition: JSON.stringify(definition), ...request }),
  );
  return answer;
}

const charge = {
  Type: 'Task',
  QueryLanguage: 'JSONata',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'charge', Payload: '{% $states.input %}' },
  Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2 }],
  Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'Undo' }],
  Output: '{% $states.result.Payload %}',
  Next: 'Reserve',
};
const each = { StartAt: 'Do', States: { Do: { Type: 'Pass', End: true } } };

describe('a Task with a mock', () => {
  test('goes on with the mocked result', async () => {
    const mock = { result: '{"Payload": {"id": 7}}' };
    expect(await tested(charge, { mock })).toEqual({ status: 'SUCCEEDED', output: '{"id":7}', nextState: 'Reserve' });
  });

  test('would be retried, and says when; after the last attempt the Catcher has it', async () => {
    const mock = { errorOutput: { error: 'Busy', cause: 'later' } };
    const again = await tested(charge, {
      mock,
      inspectionLevel: 'DEBUG',
      stateConfiguration: { retrierRetryCount: 1 },
    });
    expect(again).toMatchObject({ status: 'RETRIABLE', error: 'Busy', cause: 'later' });
    expect(again.inspectionData?.errorDetails).toEqual({ retryIndex: 0, retryBackoffIntervalSeconds: 4 });
    const caught = await tested(charge, { mock, stateConfiguration: { retrierRetryCount: 2 } });
    expect(caught).toMatchObject({ status: 'CAUGHT_ERROR', output: '"Busy"', nextState: 'Undo' });
  });

  test.each([
    ['{"Payload":0,"ExecutedVersion":1}', "Field 'ExecutedVersion' must be a string"],
    ['{"Payload":0,"StatusCode":"200"}', "Field 'StatusCode' must be a number"],
  ])('does not take a result that the API never gives: %s', async (result, message) => {
    await expect(tested(charge, { mock: { result } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Mock result schema validation error: ${message}`,
    });
    const unchecked = tested(charge, { mock: { result, fieldValidationMode: 'NONE' } });
    await expect(unchecked).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });
});

test('without a mock the Task is run', async () => {
  const { output } = await tested(
    { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true },
    { input: '[1]' },
  );
  expect(output).toBe('[1]');
});

test('the steps of the data flow are shown when asked for', async () => {
  const state = { Type: 'Pass', InputPath: '$.a', Parameters: { 'b.$': '$.b' }, ResultPath: '$.c', End: true };
  const { inspectionData, output } = await tested(state, { input: '{"a":{"b":1}}', inspectionLevel: 'TRACE' });
  expect(inspectionData).toEqual({
    input: '{"a":{"b":1}}',
    afterInputPath: '{"b":1}',
    afterParameters: '{"b":1}',
    afterResultSelector: '{"b":1}',
    afterResultPath: '{"a":{"b":1},"c":{"b":1}}',
  });
  expect(output).toBe('{"a":{"b":1},"c":{"b":1}}');
});

test('a state of a whole machine is tested by its name, with variables and a context', async () => {
  const machine = {
    QueryLanguage: 'JSONata',
    StartAt: 'Outer',
    States: {
      Outer: {
        Type: 'Map',
        End: true,
        ItemProcessor: {
          StartAt: 'Inner',
          States: {
            Inner: {
              Type: 'Pass',
              Assign: { n: '{% $n + 1 %}' },
              Output: '{% [$n, $states.context.Execution.Name] %}',
              End: true,
            },
          },
        },
      },
    },
  };
  const context = '{"Execution":{"Name":"mine"}}';
  const request = { stateName: 'Inner', variables: '{"n":1}', context, inspectionLevel: 'DEBUG' } as const;
  const { output, inspectionData } = await tested(machine, request);
  expect(output).toBe('[1,"mine"]');
  expect(inspectionData?.variables).toBe('{"n":2}');
  await expect(tested(machine, { stateName: 'Nowhere' })).rejects.toMatchObject({ name: 'ValidationException' });
});

test('failed iterations of a Map count against what it tolerates', async () => {
  const distributed = { ...each, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
  const state = { Type: 'Map', ItemProcessor: distributed, ToleratedFailureCount: 1, End: true };
  const request = { input: '[1,2,3]', mock: { result: '[1,2,3]' } };
  const fails = (mapIterationFailureCount: number) =>
    tested(state, { ...request, stateConfiguration: { mapIterationFailureCount } });
  expect(await fails(1)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2,3]' });
  expect(await fails(2)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
});

test.each([
  [
    { Type: 'Pass', End: true },
    { mock: { result: '1' } },
    "State type 'Pass' is not supported when a mock is specified",
  ],
  [
    { ...charge, Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' },
    {},
    /does not support .* without a mock/,
  ],
  [charge, { mock: { result: 'no JSON' } }, 'Mocked result must be valid JSON'],
  [{ Type: 'Map', ItemProcessor: each, End: true }, { mock: { result: '{}' } }, 'Mocked result must be an array.'],
  [charge, { mock: { result: '{}' }, context: '{"Map":{}}' }, /'Map' field is not supported/],
  [charge, { mock: { result: '{}' }, context: '{"Task":{"Token":"t"}}' }, /contains 'Task' when state is not/],
])('what does not fit together is refused: %j with %j', async (definition, request, message) => {
  await expect(tested(definition, request)).rejects.toThrow(message);
});
