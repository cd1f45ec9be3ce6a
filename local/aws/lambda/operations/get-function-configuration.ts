import { configurationOf } from './function-configuration.ts';
import type { LambdaOperation } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export const getFunctionConfiguration: LambdaOperation = ({ host }, { parameter, query }) => ({
  status: 200,
  body: configurationOf(host.resolve(parameter, query.get('Qualifier') ?? undefined)),
});
