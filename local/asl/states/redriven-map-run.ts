import { runtimeFailure } from '../failure.ts';
import { groupOf, mapRunOf } from '../frame.ts';
import { maxRedrives } from '../limits.ts';
import { frameOf, log, type Position } from '../run.ts';

/** After these a redrive starts a new map run, if all children were done: what failed is what they gave. */
const startAnew = ['States.DataLimitExceeded', 'States.Runtime'];

/**
 * Whether a redrive goes on with the map run. One none of whose children has begun is started anew.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
 */
export function canGoOn({ active }: Position, error = ''): boolean {
  const { group } = active;
  if (!group?.mapRun) return false;
  const { running, pendingRedrive = [] } = group.mapRun;
  if (group.finished + running.length + pendingRedrive.length === 0) return false;
  return group.finished < group.results.length || !startAnew.includes(error);
}

/** The children that did not succeed wait for their turn; `resumeMapRun` lets them run, as many at a time as may. */
export function redriveMapRun(position: Position): void {
  const { run, path } = position;
  const { arn: mapRunArn, redriveCount = 0 } = mapRunOf(groupOf(frameOf(position)));
  if (redriveCount >= maxRedrives) throw runtimeFailure(position, `The Map Run was redriven ${maxRedrives} times.`);
  log(run, path, 'MapRunRedriven', { mapRunArn, redriveCount: redriveCount + 1 });
  run.ready.push(path);
}
