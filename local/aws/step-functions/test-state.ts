import { parseJson } from '../../asl/expression/json-text.ts';
import type { StateTestResult, TestOutcome } from '../../asl/test-state.ts';
import type { Engine } from '../../engine/engine.ts';
import { stateUnderTest } from '../../engine/state-test.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional } from './answer.ts';
import { definition, payload } from './shapes.ts';
import { checkTestContext } from './test-state-context.ts';
import { checkMock } from './test-state-mock.ts';

const shape = {
  definition: { ...definition, required: true },
  stateName: { type: 'text', min: 1, max: 80 },
  roleArn: { type: 'text', min: 1, max: 256 },
  input: payload,
  variables: payload,
  context: payload,
  inspectionLevel: { type: 'text', oneOf: ['INFO', 'DEBUG', 'TRACE'] },
  revealSecrets: { type: 'boolean' },
  mock: { type: 'object' },
  stateConfiguration: { type: 'object' },
} as const;

const mockShape = {
  result: payload,
  errorOutput: { type: 'object' },
  fieldValidationMode: { type: 'text', oneOf: ['STRICT', 'PRESENT', 'NONE'] },
} as const;

const configurationShape = {
  retrierRetryCount: { type: 'integer', min: 0 },
  errorCausedByState: { type: 'text', min: 1, max: 80 },
  mapIterationFailureCount: { type: 'integer', min: 0 },
  mapItemReaderData: payload,
} as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
export function testState(engine: Engine): Operation {
  return async (input) => {
    const request = checkRequest(shape, input);
    const mock = request.mock && checkRequest(mockShape, request.mock, 'mock.');
    const configuration = checkRequest(configurationShape, request.stateConfiguration ?? {}, 'stateConfiguration.');
    const { state } = stateUnderTest(request.definition, request.stateName);
    checkMock(state, mock, configuration.mapIterationFailureCount);
    if (request.context !== undefined) checkTestContext(state, request.context);
    const tested = await engine.testState({
      definition: request.definition,
      stateName: request.stateName,
      roleArn: request.roleArn,
      input: request.input,
      variables: request.variables,
      context: request.context,
      ...(mock && { mock: outcomeOf(mock) }),
      retriesUsed: configuration.retrierRetryCount ?? 0,
      failedIterations: configuration.mapIterationFailureCount,
      readItems: configuration.mapItemReaderData,
    });
    return {
      ...optional('output', tested.output),
      ...optional('error', tested.error),
      ...optional('cause', tested.cause),
      ...((request.inspectionLevel ?? 'INFO') !== 'INFO' && {
        inspectionData: inspectionData(request.input ?? '{}', tested),
      }),
      ...optional('nextState', tested.nextState),
      status: tested.status,
    };
  };
}

function outcomeOf(mock: {
  result?: string | undefined;
  errorOutput?: Record<string, unknown> | undefined;
}): TestOutcome {
  if (mock.result !== undefined) return { output: mock.result };
  const { error, cause } = (mock.errorOutput ?? {}) as { error?: string; cause?: string };
  return { ...optional('error', error), ...optional('cause', cause) };
}

function inspectionData(input: string, { inspected, variables, errorDetails }: StateTestResult): object {
  const members = Object.entries(variables).map(([name, text]) => [name, parseJson(text)]);
  return {
    input,
    ...inspected,
    ...(members.length > 0 && { variables: JSON.stringify(Object.fromEntries(members)) }),
    ...optional('errorDetails', errorDetails),
  };
}
