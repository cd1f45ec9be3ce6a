import { readFileSync } from 'node:fs';
import { CannotStart } from '../cannot-start.ts';
import { type FaultPlan, InvalidFaultPlan, parseFaultPlan } from './plan.ts';

/** The plan of `--faults FILE`. Throws `CannotStart`. */
export function readPlanFile(file: string): FaultPlan {
  try {
    return parseFaultPlan(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const problems = error instanceof InvalidFaultPlan ? error.message.split('\n') : [(error as Error).message];
    throw new CannotStart(`The fault plan ${file} cannot be used:\n${problems.map((one) => `  ${one}`).join('\n')}`);
  }
}
