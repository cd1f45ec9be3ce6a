import { describedMapping } from './described-mapping.ts';
import type { LambdaOperation } from './operation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
export const getEventSourceMapping: LambdaOperation = ({ host, mappings }, { parameter }) => ({
  status: 200,
  body: describedMapping(host, mappings.get(parameter)),
});
