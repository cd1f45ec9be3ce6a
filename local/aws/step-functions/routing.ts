import { ServiceError } from '../../engine/ports.ts';
import type { Route } from '../../engine/route.ts';
import { checkRequest } from '../request-shape.ts';
import { arn } from './shapes.ts';

const shape = { stateMachineVersionArn: arn, weight: { type: 'integer', required: true, min: 0, max: 100 } } as const;

/** The routing configuration of an alias: one or two versions with weights. */
export function checkRoutes(routes: unknown[]): Route[] {
  if (routes.length < 1 || routes.length > 2) {
    const limit = routes.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 2';
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value at 'routingConfiguration' failed to satisfy constraint: Member must have length ${limit}`,
    );
  }
  return routes.map((route) => checkRequest(shape, route as Record<string, unknown>));
}
