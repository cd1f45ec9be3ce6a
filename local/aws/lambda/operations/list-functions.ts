import { configurationOf } from './function-configuration.ts';
import type { LambdaOperation } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export const listFunctions: LambdaOperation = ({ host }) => ({
  status: 200,
  body: { Functions: [...host.functions.keys()].sort().map((name) => configurationOf(host, host.resolve(name))) },
});
