import { ServiceError } from '../../../engine/ports.ts';
import { configurationOf } from './function-configuration.ts';
import { type LambdaOperation, unqualifiedName } from './operation.ts';
import { page } from './page.ts';

/** `$LATEST` first, then by number. https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
export const listVersionsByFunction: LambdaOperation = (service, { parameter, query }) => {
  const { host } = service;
  const name = unqualifiedName(service, parameter);
  const marker = query.get('Marker');
  if (marker !== null && !/^\d+$/.test(marker)) {
    throw new ServiceError('InvalidParameterValueException', `The marker ${marker} is not one that was answered.`);
  }
  // $LATEST has the place before all numbers.
  const numbers = [0, ...Object.keys(host.functions.get(name)?.versions ?? {}).map(Number)].sort((a, b) => a - b);
  const { items, ...next } = page(query, numbers, String, (number, last) => number > Number(last));
  const Versions = items.map((number) => configurationOf(host.resolve(name, number === 0 ? '$LATEST' : `${number}`)));
  return { status: 200, body: { Versions, ...next } };
};
