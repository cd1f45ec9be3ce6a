import { InvalidDefinition, parseMachine } from '../asl/machine.ts';
import { ServiceError } from './ports.ts';

/**
 * Refuses a definition that cannot run here, as CreateStateMachine would: what the interpreter refuses, what Express does not
 * allow, and a Resource that this runtime has no integration for.
 */
export function checkDefinition(
  text: string,
  type: 'STANDARD' | 'EXPRESS',
  supports: (resource: string) => boolean,
): void {
  try {
    parseMachine(text);
  } catch (error) {
    if (error instanceof InvalidDefinition) throw new ServiceError('InvalidDefinition', error.message);
    throw error;
  }
  for (const { resource, path } of resources(JSON.parse(text), '')) {
    const pattern = /\.(sync(:2)?|waitForTaskToken)$/.exec(resource)?.[0];
    if (type === 'EXPRESS' && pattern) {
      const shown = pattern.replace(':2', '');
      throw refusal(`Express state machine does not support '${shown}' service integration at ${path}`);
    }
    if (!supports(resource)) {
      throw refusal(
        `The resource provided ${resource} is not recognized. This runtime has no integration for it. at ${path}`,
      );
    }
  }
}

function refusal(detail: string): ServiceError {
  return new ServiceError(
    'InvalidDefinition',
    `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${detail}'`,
  );
}

interface Found {
  resource: string;
  path: string;
}

type Json = Record<string, unknown>;

/** Every Task's Resource, also inside Parallel branches and Map processors. */
function* resources(machine: Json, path: string): Generator<Found> {
  for (const [name, state] of Object.entries((machine.States ?? {}) as Record<string, Json>)) {
    const here = `${path}/States/${name}`;
    if (state.Type === 'Task' && typeof state.Resource === 'string') {
      yield { resource: state.Resource, path: `${here}/Resource` };
    }
    for (const key of ['ItemProcessor', 'Iterator']) {
      if (state[key]) yield* resources(state[key] as Json, `${here}/${key}`);
    }
    for (const [index, branch] of ((state.Branches ?? []) as Json[]).entries()) {
      yield* resources(branch, `${here}/Branches[${index}]`);
    }
  }
}
