import { configurationOf } from './function-configuration.ts';
import type { LambdaOperation } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export const getFunction: LambdaOperation = ({ host }, { parameter, query }) => {
  const resolved = host.resolve(parameter, query.get('Qualifier') ?? undefined);
  const reserved = host.reservedConcurrency.of(resolved.definition.functionName);
  return {
    status: 200,
    body: {
      Configuration: configurationOf(resolved),
      Code: { RepositoryType: 'S3', Location: `file://${resolved.configuration.codeDir}` },
      ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    },
  };
};
