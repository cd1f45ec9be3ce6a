import { describedMapping } from './described-mapping.ts';
import type { LambdaOperation } from './operation.ts';

/** All that match, in one answer. https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html */
export const listEventSourceMappings: LambdaOperation = ({ host, mappings }, { query }) => {
  const functionName = query.get('FunctionName');
  const eventSourceArn = query.get('EventSourceArn');
  // Named without version or alias, a function stands for all of them.
  const wanted = functionName === null ? undefined : host.resolve(functionName).invokedFunctionArn;
  const all = mappings.list().map((state) => describedMapping(host, state));
  const matching = all.filter(
    ({ FunctionArn, EventSourceArn }) =>
      (wanted === undefined || FunctionArn === wanted || FunctionArn.startsWith(`${wanted}:`)) &&
      (eventSourceArn === null || EventSourceArn === eventSourceArn),
  );
  return { status: 200, body: { EventSourceMappings: matching } };
};
