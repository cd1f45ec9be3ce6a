import { configurationOf } from './function-configuration.ts';
import type { LambdaOperation } from './operation.ts';
import { page } from './page.ts';

/** By name; with `FunctionVersion=ALL` each with its versions. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export const listFunctions: LambdaOperation = ({ host }, { query }) => {
  const wantsAll = query.get('FunctionVersion') === 'ALL';
  const listed = [...host.functions.values()].flatMap(({ functionName, versions = {} }) => {
    const numbers = wantsAll ? Object.keys(versions).map(Number) : [];
    return [0, ...numbers.sort((a, b) => a - b)].map((number) => ({ functionName, number }));
  });
  const placeOf = ({ functionName, number }: (typeof listed)[number]) =>
    `${functionName}:${`${number}`.padStart(9, '0')}`;
  const inOrder = listed.sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  const { items, ...next } = page(query, inOrder, placeOf, (item, last) => placeOf(item) > last);
  const Functions = items.map(({ functionName, number }) => {
    // Listed with its versions, the function itself is one of them.
    const qualifier = number === 0 ? (wantsAll ? '$LATEST' : undefined) : `${number}`;
    return configurationOf(host.resolve(functionName, qualifier));
  });
  return { status: 200, body: { Functions, ...next } };
};
