import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { definition, machineType } from './shapes.ts';

const shape = { definition: { ...definition, required: true }, type: machineType } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html */
export function validateStateMachineDefinition({ definitionProblems }: Engine): Operation {
  return (input) => {
    const { definition, type } = checkRequest(shape, input);
    const problems = definitionProblems(definition, (type ?? 'STANDARD') as 'STANDARD' | 'EXPRESS');
    return {
      result: problems.length === 0 ? 'OK' : 'FAIL',
      diagnostics: problems.map((problem) => ({ severity: 'ERROR', ...problem })),
      truncated: false,
    };
  };
}
