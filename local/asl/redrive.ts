import { allFrames, frameAt } from './frame.ts';
import { attempt } from './leave.ts';
import { canBeRedriven } from './limits.ts';
import type { StateTypeName } from './machine.ts';
import { log, type Run } from './run.ts';
import type { StateType } from './states/state-type.ts';

/**
 * An execution that ended without success goes on: whatever was entered and not left begins again, in the root as in each branch and
 * iteration that did not succeed. A Task is scheduled again, a Choice decides again, a Parallel goes on with its branches.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export async function redrive(run: Run, stateTypes: Record<StateTypeName, StateType>): Promise<void> {
  const { error, redriveCount = 0, lastEventId } = run.execution;
  if (!canBeRedriven(lastEventId)) return;
  log(run, '', 'ExecutionRedriven', { redriveCount: redriveCount + 1 }, { previousEventId: lastEventId });
  for (const [path, frame] of [...allFrames(run.execution.root)]) {
    if (run.execution.status !== 'RUNNING') return;
    // One that failed at once may have taken others with it, and a state that began anew has other children.
    if (frameAt(run.execution.root, path)?.state !== frame.state) continue;
    if (!frame.state) run.ready.push(path);
    else
      await attempt(run, path, (position) => {
        const stateType = stateTypes[position.state.type];
        return stateType.redrive ? stateType.redrive(position, error) : stateType.enter(position);
      });
  }
}
