import { ServiceError } from '../../../engine/ports.ts';
import { parseFunctionName } from '../functions.ts';
import type { LambdaOperation } from './operation.ts';

/**
 * Deletes a published version. One that is not there is deleted already, as with the service. A whole function is not deleted here, but
 * by taking it out of the template. https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export const deleteFunction: LambdaOperation = ({ host, versions }, { parameter, query }) => {
  const qualifier = query.get('Qualifier') ?? parseFunctionName(parameter).qualifier;
  if (qualifier === undefined) {
    throw refusal('A function is deleted by taking it out of the template. Name one of its versions.');
  }
  const { functionName, qualifier: named = qualifier } = parseFunctionName(parameter);
  if (named !== qualifier) {
    throw refusal('The derived qualifier from the function name does not match the specified qualifier.');
  }
  const { definition } = host.resolve(functionName);
  if (qualifier === '$LATEST') throw refusal('$LATEST version cannot be deleted without deleting the function.');
  if (!/^\d+$/.test(qualifier)) throw refusal('Deletion of aliases is not currently supported.');
  const aliases = Object.entries(definition.aliases ?? {}).filter(([, version]) => version === qualifier);
  if (aliases.length > 0) {
    const names = aliases.map(([name]) => name).join(', ');
    throw new ServiceError(
      'ResourceConflictException',
      `Unable to delete version because the following aliases reference it: [${names}]`,
      409,
    );
  }
  if (definition.versions?.[qualifier]) versions.delete(functionName, qualifier);
  return { status: 204 };
};

function refusal(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', message);
}
