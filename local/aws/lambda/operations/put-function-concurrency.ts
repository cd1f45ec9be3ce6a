import { ServiceError } from '../../../engine/ports.ts';
import { type LambdaOperation, readInput, unqualifiedName } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html */
export const putFunctionConcurrency: LambdaOperation = async (service, { parameter, request }) => {
  const name = unqualifiedName(service, parameter);
  const { ReservedConcurrentExecutions: reserved } = await readInput(request);
  if (typeof reserved !== 'number' || !Number.isInteger(reserved) || reserved < 0) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `1 validation error detected: Value '${reserved}' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0`,
    );
  }
  await service.host.reservedConcurrency.put(name, reserved);
  return { status: 200, body: { ReservedConcurrentExecutions: reserved } };
};
