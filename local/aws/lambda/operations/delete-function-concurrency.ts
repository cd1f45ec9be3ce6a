import { type LambdaOperation, unqualifiedName } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html */
export const deleteFunctionConcurrency: LambdaOperation = async (service, { parameter }) => {
  await service.host.reservedConcurrency.delete(unqualifiedName(service, parameter));
  return { status: 204 };
};
