import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  executionArnOf,
  machineArn,
  machineOfExecution,
  nameOfExecution,
} from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import { readHistory } from './history.ts';
import { describeTaken, startOnce } from './migration.ts';
import { nextName, type OrderExecution } from './order-executions.ts';
import { restartOf } from './place.ts';
import type { Planner } from './plan.ts';
import { firstExecution } from './resume-input.ts';
import { type Standing, standingOf } from './standing.ts';

/** What becomes of an order whose execution ended badly. Decided without changing anything; `start` does it, by one write. */
export interface PlannedRestart {
  name: string;
  /** Where it gave up. */
  from: string;
  /** Where it goes on. */
  to: string;
  /** Why it begins with its first step. */
  because?: string;
  start(): Promise<string>;
}

/** Throws `CannotGoOn` with the reason why it cannot be. */
export async function planRestart(
  sfn: SFNClient,
  planner: Planner,
  execution: OrderExecution,
  to: MachineVersion,
): Promise<PlannedRestart> {
  const standing = standingOf(await readHistory(sfn, execution.executionArn));
  // Redriven since it was seen, it would run twice; and of one that ended a moment ago the history may be older.
  if (standing.status === 'RUNNING' || standing.status === 'SUCCEEDED') {
    const itself = nameOfExecution(execution.executionArn);
    throw new CannotGoOn(`by its history ${itself} is ${standing.status}, and did not fail: run the command again.`);
  }
  const name = nextName(execution);
  const decided = restartOf(standing, planner.definitionOf(execution.versionArn));
  if (decided.at === 'place') {
    const resumption = await planner.resume(execution, standing, to, decided.place);
    return {
      name,
      from: resumption.input.resumedFrom.state,
      to: resumption.input.resumeAt,
      start: () => startOnce(sfn, { ...resumption, name, from: execution.executionArn }),
    };
  }
  const { StartAt } = planner.definitionOf(to.arn);
  return {
    name,
    from: (standing.lastWork ?? standing.entered)?.state ?? StartAt,
    to: StartAt,
    because: decided.because,
    start: () => startAgain(sfn, to, name, firstInput(standing, execution, to)),
  };
}

/** The order, as its first execution was started with it. */
function firstInput(standing: Standing, { executionArn, startTime }: OrderExecution, to: MachineVersion): string {
  const isResumed = machineOfExecution(executionArn) !== machineArn(to.arn);
  const identity = { executionArn, name: nameOfExecution(executionArn), startTime, isResumed };
  return JSON.stringify(firstExecution(standing, identity).Input);
}

async function startAgain(sfn: SFNClient, to: MachineVersion, name: string, input: string): Promise<string> {
  try {
    const started = await sfn.send(new StartExecutionCommand({ stateMachineArn: to.arn, name, input }));
    return started.executionArn!;
  } catch (error) {
    if ((error as Error).name !== 'ExecutionAlreadyExists') throw error;
    const executionArn = executionArnOf(machineArn(to.arn), name);
    if ((await describeTaken(sfn, executionArn)).input === input) return executionArn;
    throw new CannotGoOn(`${name} exists already, with another input: look at it before you start the order again.`);
  }
}
