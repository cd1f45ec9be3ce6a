import { ServiceError } from '../../../engine/ports.ts';
import { describedMapping } from './described-mapping.ts';
import { type LambdaOperation, readInput } from './operation.ts';

/**
 * Switches a source on and off; everything else is the template's. As the service does, it answers with the state on the way
 * (`Disabling`), but the switch is done by then: whoever disabled a source can rely on it.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export const updateEventSourceMapping: LambdaOperation = async ({ host, mappings }, { parameter, request }) => {
  const { Enabled: enabled, ...others } = await readInput(request);
  const state = mappings.get(parameter);
  if (typeof enabled !== 'boolean' || Object.keys(others).length > 0) {
    throw new ServiceError('InvalidParameterValueException', 'Only Enabled can be changed locally, to true or false.');
  }
  if (enabled === state.enabled) return { status: 202, body: describedMapping(host, state) };
  await mappings.set(parameter, enabled);
  return { status: 202, body: describedMapping(host, { ...state, enabled, changing: true }) };
};
