import { ServiceError } from '../../../engine/ports.ts';
import { configurationOf } from './function-configuration.ts';
import { type LambdaOperation, unqualifiedName } from './operation.ts';

/** However many are asked for. */
const mostPerPage = 50;

/** `$LATEST` first, then by number. https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
export const listVersionsByFunction: LambdaOperation = (service, { parameter, query }) => {
  const { host } = service;
  const name = unqualifiedName(service, parameter);
  const count = Math.min(mostPerPage, maxItemsIn(query));
  // A marker is the number of the version before: it stands although versions are deleted between two pages.
  const marker = query.get('Marker') ?? undefined;
  if (marker !== undefined && !/^\d+$/.test(marker)) {
    throw new ServiceError('InvalidParameterValueException', `The marker ${marker} is not one that was answered.`);
  }
  const numbers = Object.keys(host.functions.get(name)?.versions ?? {}).sort(
    (one, other) => Number(one) - Number(other),
  );
  const left =
    marker === undefined ? ['$LATEST', ...numbers] : numbers.filter((number) => Number(number) > Number(marker));
  const page = left.slice(0, count);
  const last = page.at(-1);
  return {
    status: 200,
    body: {
      Versions: page.map((version) => configurationOf(host, host.resolve(name, version))),
      ...(left.length > count && { NextMarker: last === '$LATEST' ? '0' : last }),
    },
  };
};

function maxItemsIn(query: URLSearchParams): number {
  const text = query.get('MaxItems') ?? String(mostPerPage);
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new ServiceError(
    'InvalidParameterValueException',
    `1 validation error detected: Value '${text}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000`,
  );
}
