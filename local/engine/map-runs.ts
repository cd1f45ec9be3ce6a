import { type MapRunReport, mapRunsIn } from '../asl/map-runs.ts';
import type { MapRunSettings } from '../asl/signal.ts';
import type { ExecutionRow, ExecutionStore } from './execution-store.ts';
import type { Executions } from './executions.ts';
import { ServiceError } from './ports.ts';

/** The map runs of executions, as their journals tell. */
export interface MapRuns {
  /** In the order of their start. */
  of(execution: ExecutionRow): MapRunReport[];
  /** Throws InvalidArn, ResourceNotFound. */
  get(mapRunArn: string): { execution: ExecutionRow; mapRun: MapRunReport };
  /** Changes one that is going on. Throws like `get`, and ValidationException. */
  update(mapRunArn: string, settings: MapRunSettings): Promise<void>;
}

export function createMapRuns(store: ExecutionStore, runner: Executions['runner']): MapRuns {
  const of = (execution: ExecutionRow) => mapRunsIn(store.entries(execution.id).flat());

  function get(mapRunArn: string) {
    if (!/^arn:[^:]+:states:[^:]*:\d+:mapRun:/.test(mapRunArn)) {
      throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${mapRunArn}'`);
    }
    const execution = store.findByText(mapRunArn);
    const mapRun = execution && of(execution).find(({ arn }) => arn === mapRunArn);
    if (!mapRun) throw new ServiceError('ResourceNotFound', `Resource not found: '${mapRunArn}'`);
    return { execution, mapRun };
  }

  return {
    of,
    get,
    async update(mapRunArn, settings) {
      const { execution } = get(mapRunArn);
      const updated = await runner(execution.arn)?.send({ type: 'updateMapRun', mapRunArn, ...settings });
      if (!updated) throw new ServiceError('ValidationException', `The Map Run '${mapRunArn}' is not in progress.`);
    },
  };
}
