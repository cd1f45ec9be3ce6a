import { functionArn } from '../functions.ts';
import { type LambdaOperation, unqualifiedName } from './operation.ts';

/** All of a function in one answer, or those of one version. https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html */
export const listAliases: LambdaOperation = (service, { parameter, query }) => {
  const { host } = service;
  const name = unqualifiedName(service, parameter);
  const wanted = query.get('FunctionVersion');
  const aliases = Object.entries(host.functions.get(name)?.aliases ?? {})
    .filter(([, version]) => wanted === null || version === wanted)
    .map(([alias, version]) => ({
      AliasArn: `${functionArn(host.place, name)}:${alias}`,
      Name: alias,
      FunctionVersion: version,
      Description: '',
    }));
  return { status: 200, body: { Aliases: aliases } };
};
