import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional } from './answer.ts';
import { arn } from './shapes.ts';

const shape = {
  mapRunArn: { ...arn, max: 2000 },
  maxConcurrency: { type: 'integer', min: 0 },
  toleratedFailurePercentage: { type: 'number', min: 0, max: 100 },
  toleratedFailureCount: { type: 'integer', min: 0 },
} as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html */
export function updateMapRun({ mapRuns }: Engine): Operation {
  return async (input) => {
    const { mapRunArn, ...settings } = checkRequest(shape, input);
    await mapRuns.update(mapRunArn, {
      ...optional('maxConcurrency', settings.maxConcurrency),
      ...optional('toleratedFailureCount', settings.toleratedFailureCount),
      ...optional('toleratedFailurePercentage', settings.toleratedFailurePercentage),
    });
    return {};
  };
}
