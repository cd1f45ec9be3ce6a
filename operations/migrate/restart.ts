import { machineArn, machineOfExecution, migratedError, nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import type { NextExecution } from './migration.ts';
import { type Definition, placeOf, type Restart, restartOf } from './place.ts';
import type { Origin, Planner } from './plan.ts';
import { firstExecution } from './resume-input.ts';
import type { Standing } from './standing.ts';

/** How an order goes on whose execution ended badly. Throws `CannotGoOn` with the reason why it cannot. */
export async function planRestart(
  planner: Planner,
  execution: Origin,
  standing: Standing,
  to: MachineVersion,
): Promise<NextExecution> {
  // Redriven since it was seen, it would run twice; and of one that ended a moment ago the history may be older.
  if (standing.status === 'RUNNING' || standing.status === 'SUCCEEDED') {
    const itself = nameOfExecution(execution.executionArn);
    throw new CannotGoOn(`by its history ${itself} is ${standing.status}, and did not fail: run the command again.`);
  }
  const decided = decide(standing, await planner.definitionOf(execution));
  if (decided.at === 'place') {
    const { versionArn, text, input } = await planner.resume(execution, standing, to, decided.place);
    return { versionArn, text, from: input.resumedFrom.state, to: input.resumeAt };
  }
  const { StartAt } = JSON.parse(to.definition) as Definition;
  return {
    versionArn: to.arn,
    text: firstInput(standing, execution, to),
    from: (standing.lastWork ?? standing.entered)?.state ?? StartAt,
    to: StartAt,
    because: decided.because,
  };
}

/** One that was stopped to go on elsewhere does so where it stood, as whoever stopped it would have it: it did not fail. */
function decide(standing: Standing, definition: Definition): Restart {
  const wasMoved = standing.status === 'ABORTED' && standing.error === migratedError;
  return wasMoved ? { at: 'place', place: placeOf(standing, definition) } : restartOf(standing, definition);
}

/** The order, as its first execution was started with it. */
function firstInput(standing: Standing, { executionArn, startTime }: Origin, to: MachineVersion): string {
  const isResumed = machineOfExecution(executionArn) !== machineArn(to.arn);
  const identity = { executionArn, name: nameOfExecution(executionArn), startTime, isResumed };
  return JSON.stringify(firstExecution(standing, identity).Input);
}
