import { type LambdaOperation, unqualifiedName } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html */
export const getFunctionConcurrency: LambdaOperation = (service, { parameter }) => {
  const reserved = service.host.reservedConcurrency.of(unqualifiedName(service, parameter));
  return { status: 200, body: reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved } };
};
