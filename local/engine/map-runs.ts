import { type MapRunReport, mapRunsIn } from '../asl/map-runs.ts';
import type { ExecutionRow, ExecutionStore } from './execution-store.ts';
import { ServiceError } from './ports.ts';

/** The map runs of executions, as their journals tell. */
export interface MapRuns {
  /** In the order of their start. */
  of(execution: ExecutionRow): MapRunReport[];
  /** Throws InvalidArn, ResourceNotFound. */
  get(mapRunArn: string): { execution: ExecutionRow; mapRun: MapRunReport };
}

export function createMapRuns(store: ExecutionStore): MapRuns {
  const of = (execution: ExecutionRow) => mapRunsIn(store.entries(execution.id).flat());
  return {
    of,
    get(mapRunArn) {
      if (!/^arn:[^:]+:states:[^:]*:\d+:mapRun:/.test(mapRunArn)) {
        throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${mapRunArn}'`);
      }
      const execution = store.findByText(mapRunArn);
      const mapRun = execution && of(execution).find(({ arn }) => arn === mapRunArn);
      if (!mapRun) throw new ServiceError('ResourceNotFound', `Resource not found: '${mapRunArn}'`);
      return { execution, mapRun };
    },
  };
}
