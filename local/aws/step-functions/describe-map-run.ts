import type { MapRunCounts } from '../../asl/map-runs.ts';
import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn } from './shapes.ts';

const shape = { mapRunArn: arn } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html */
export function describeMapRun({ mapRuns }: Engine): Operation {
  return (input) => {
    const { execution, mapRun } = mapRuns.get(checkRequest(shape, input).mapRunArn);
    const { status, items, executions } = mapRun;
    return {
      mapRunArn: mapRun.arn,
      executionArn: execution.arn,
      status,
      startDate: seconds(mapRun.startedAt),
      ...(mapRun.stoppedAt !== undefined && { stopDate: seconds(mapRun.stoppedAt) }),
      maxConcurrency: mapRun.maxConcurrency,
      toleratedFailurePercentage: mapRun.toleratedFailurePercentage,
      toleratedFailureCount: mapRun.toleratedFailureCount,
      itemCounts: counts(items, status === 'SUCCEEDED'),
      executionCounts: counts(executions, status === 'SUCCEEDED'),
      redriveCount: mapRun.redriveCount,
      ...(mapRun.redrivenAt !== undefined && { redriveDate: seconds(mapRun.redrivenAt) }),
    };
  };
}

function counts(known: MapRunCounts, written: boolean): object {
  const resultsWritten = written ? known.total : 0;
  return { ...known, resultsWritten, failuresNotRedrivable: 0 };
}
