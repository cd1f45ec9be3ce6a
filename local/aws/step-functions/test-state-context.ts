import { isObject } from '../../asl/expression/json-text.ts';
import { integrationOf } from '../../asl/integration.ts';
import type { State } from '../../asl/machine.ts';
import { ServiceError } from '../../engine/ports.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
const allowed: Record<string, string[]> = {
  Execution: ['Id', 'Input', 'Name', 'RoleArn', 'StartTime', 'RedriveCount', 'RedriveTime'],
  State: ['EnteredTime', 'Name', 'RetryCount'],
  StateMachine: ['Id', 'Name'],
  Task: ['Token'],
};

/** What a context object may have that TestState is given. Throws ValidationException. */
export function checkTestContext(state: State, text: string): void {
  let context: unknown;
  try {
    context = JSON.parse(text);
  } catch {
    throw invalid('Context object must be valid JSON');
  }
  if (!isObject(context)) throw invalid('Context object must be a JSON object');
  for (const [name, value] of Object.entries(context)) {
    if (name === 'Map') throw invalid("'Map' field is not supported when mocking a Context object");
    const members = allowed[name];
    if (!members) throw invalid(`Field '${name}' is not allowed`);
    if (name === 'Task' && !(state.type === 'Task' && integrationOf(state).waits)) {
      const patterns = "'.sync' or '.waitForTaskToken' service integration pattern";
      throw invalid(`Context object contains 'Task' when state is not a Task state with a ${patterns}`);
    }
    const unknown = Object.keys(isObject(value) ? value : {}).find((member) => !members.includes(member));
    if (unknown !== undefined) throw invalid(`Field '${unknown}' is not allowed`);
  }
}

function invalid(detail: string): ServiceError {
  return new ServiceError('ValidationException', `Invalid Context object provided: ${detail}`);
}
