import type { Json } from '../../asl/expression/json-text.ts';
import { integrationOf } from '../../asl/integration.ts';
import type { State } from '../../asl/machine.ts';
import { ServiceError } from '../../engine/ports.ts';
import { checkMockedFields, type FieldValidationMode } from './mocked-fields.ts';

interface Mock {
  result?: string | undefined;
  errorOutput?: Record<string, unknown> | undefined;
  fieldValidationMode?: string | undefined;
}

/** The states whose work can be mocked. */
const mockable = ['Task', 'Map', 'Parallel'];

/**
 * Whether a mock fits the state; Map, Parallel and Tasks that wait for somebody else cannot be tested without one. Throws ValidationException, InvalidDefinition.
 * https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
 */
export function checkMock(state: State, mock: Mock | undefined, failedIterations: number | undefined): void {
  if (!mock) {
    if (failedIterations !== undefined) {
      throw invalid('TestState does not support MapIterationFailureCount when a mock is not specified.');
    }
    if (state.type === 'Task' && integrationOf(state).waits) {
      const alone = "activities and the '.sync' and '.waitForTaskToken' service integration patterns";
      throw new ServiceError('InvalidDefinition', `TestState API does not support ${alone} without a mock`);
    }
    if (state.type !== 'Map' && state.type !== 'Parallel') return;
    const supported = 'Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]';
    throw new ServiceError('InvalidDefinition', `TestState API does not support Map or Parallel states. ${supported}`);
  }
  if (mock.result !== undefined && mock.errorOutput !== undefined) {
    throw invalid('A test mock should have only one of the following fields: [result, errorOutput].');
  }
  if (!mockable.includes(state.type))
    throw invalid(`State type '${state.type}' is not supported when a mock is specified`);
  if (mock.result === undefined) return;
  const result = parse(mock.result);
  if (state.type === 'Task') {
    checkMockedFields(state, result, (mock.fieldValidationMode ?? 'STRICT') as FieldValidationMode);
    return;
  }
  if (state.type === 'Map' && state.fields.ResultWriter !== undefined) return;
  if (!Array.isArray(result)) throw invalid('Mocked result must be an array.');
  if (state.type === 'Parallel' && result.length !== state.groups.length) {
    throw invalid('Mocked result must contain the same number of items as number of Parallel branches.');
  }
  if (state.type === 'Map' && (failedIterations ?? 0) > result.length) {
    throw invalid('Map iteration failure count must be less than or equal to the number of Map iterations');
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw invalid('Mocked result must be valid JSON');
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
