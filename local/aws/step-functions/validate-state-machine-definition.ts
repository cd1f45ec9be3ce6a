import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/ports.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { definition, machineType } from './shapes.ts';

const shape = { definition: { ...definition, required: true }, type: machineType } as const;

interface Diagnostic {
  severity: 'ERROR';
  code: string;
  message: string;
  location?: string;
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html */
export function validateStateMachineDefinition({ checkDefinition }: Engine): Operation {
  return (input) => {
    const { definition, type } = checkRequest(shape, input);
    try {
      checkDefinition(definition, (type ?? 'STANDARD') as 'STANDARD' | 'EXPRESS');
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { result: 'FAIL', diagnostics: [diagnostic(error.message)], truncated: false };
    }
    return { result: 'OK', diagnostics: [], truncated: false };
  };
}

/** From `Invalid State Machine Definition: 'CODE: message at location'`, the form in which CreateStateMachine has it. */
function diagnostic(text: string): Diagnostic {
  const inner = /^Invalid State Machine Definition: '(.*)'$/s.exec(text)?.[1] ?? text;
  const [, code = 'SCHEMA_VALIDATION_FAILED', rest = inner] = /^([A-Z_]+): (.*)$/s.exec(inner) ?? [];
  const [, message = rest, location] = /^(.*?) ?at ((?:\/|\[Source:).*)$/s.exec(rest) ?? [];
  if (code === 'INVALID_JSON_DESCRIPTION' && location) return { severity: 'ERROR', code, message: rest, location };
  return { severity: 'ERROR', code, message, ...(location !== undefined && { location }) };
}
