import { parseStateMachineArn } from '../../engine/arn.ts';
import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, page, seconds } from './answer.ts';
import { arn, maxResults, nextToken } from './shapes.ts';

const shape = { stateMachineArn: arn, maxResults, nextToken } as const;

/** Of a state machine, or those that lead to one version. https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineAliases.html */
export function listStateMachineAliases({ stateMachines, aliases }: Engine): Operation {
  return (input) => {
    const request = checkRequest(shape, input);
    const name = parseStateMachineArn(request.stateMachineArn);
    stateMachines.get(name.stateMachineArn);
    const all = aliases.list(name.stateMachineArn);
    const wanted =
      name.kind === 'version'
        ? all.filter(({ routing }) => routing.some((r) => r.stateMachineVersionArn === request.stateMachineArn))
        : all;
    const shown = page(wanted, request);
    return {
      stateMachineAliases: shown.items.map((alias) => ({
        stateMachineAliasArn: alias.arn,
        creationDate: seconds(alias.createdAt),
      })),
      ...optional('nextToken', shown.nextToken),
    };
  };
}
