import { machineArn, machineOfExecution, nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { applyPlan } from '../../statemachines/migration/apply-plan.ts';
import type { Mapping } from '../../statemachines/migration/mapping.ts';
import { type Plan, planFor } from '../../statemachines/migration/plan.ts';
import type { ResumeInput } from '../../statemachines/resume/resume-definition.ts';
import { sentenceOf } from '../../statemachines/rules/finding.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import type { Catalog } from './catalog.ts';
import { type LostVersion, nameOfVersion } from './lost-version.ts';
import { type Definition, type Place, placeOf } from './place.ts';
import { excessOf, firstExecution, type Identity, withoutEntry } from './resume-input.ts';
import type { Standing } from './standing.ts';

/** How an order goes on: the version of the resume machine that is started, and with what. */
export interface Resumption {
  versionArn: string;
  input: ResumeInput;
  /** JSON text of it, always the same for the same execution. */
  text: string;
  /** Why it goes on in the version that it came from, if it does. */
  kept?: string;
}

/** An execution, and which version it runs. */
export interface Origin {
  executionArn: string;
  /** '' if none. */
  versionArn: string;
  /** ISO 8601 */
  startTime: string;
}

export interface Planner {
  /** Where executions of one version go on in another: throws `CannotGoOn` with every finding if they cannot. */
  check(from: MachineVersion, to: MachineVersion): Plan;
  /** How an execution that stands so goes on in a version. Throws `CannotGoOn` with the reason why it cannot. */
  resume(origin: Origin, standing: Standing, to: MachineVersion, place?: Place): Promise<Resumption>;
  /** The same; where there is no way on in that version, in the one that it runs: it was stopped already. */
  resumeAnyway(origin: Origin, standing: Standing, to: MachineVersion): Promise<Resumption>;
  definitionOf(execution: Pick<Origin, 'executionArn' | 'versionArn'>): Promise<Definition>;
}

export function plannerOf(catalog: Catalog, mapping: Mapping, lost: LostVersion): Planner {
  const plans = new Map<string, Plan>();

  function check(from: MachineVersion, to: MachineVersion): Plan {
    const key = `${from.arn} ${to.arn}`;
    const known = plans.get(key) ?? planFor(from.definition, to.definition, isSame(from, to) ? [] : mapping);
    plans.set(key, known);
    if (known.findings.length === 0) return known;
    const list = known.findings.map((finding) => `  ${sentenceOf(finding)}`).join('\n');
    throw new CannotGoOn(
      `${capital(nameOfVersion(from))} cannot be moved to version ${to.number}:\n${list}\n` +
        'A mapping beside the definition can say where its orders go on (docs/versioning.md).',
    );
  }

  const versionOf = async (execution: Pick<Origin, 'executionArn' | 'versionArn'>): Promise<MachineVersion> =>
    catalog.byArn(execution.versionArn) ?? lost(execution);

  async function resume(
    { executionArn, versionArn, startTime }: Origin,
    standing: Standing,
    to: MachineVersion,
    where?: Place,
  ): Promise<Resumption> {
    const own = await versionOf({ executionArn, versionArn });
    const target = catalog.resumedBy(to);
    if (!target) throw new CannotGoOn(noPair(to));
    const identity: Identity = {
      executionArn,
      name: nameOfExecution(executionArn),
      startTime,
      isResumed: machineOfExecution(executionArn) !== machineArn(to.arn),
      ...(standing.started.roleArn && { roleArn: standing.started.roleArn }),
    };
    const place = withoutEntry(where ?? placeOf(standing, catalog.definition(own)), standing, identity);
    const execution = firstExecution(standing, identity);
    const plan = check(catalog.processOf(versionArn) ?? own, to);
    const input = {
      ...(await translated(plan, place, execution)),
      execution,
      resumedFrom: { executionArn, state: place.state },
    };
    // Always the same for the same place: StartExecution may be repeated with it.
    const text = JSON.stringify(input);
    const excess = excessOf(text);
    if (excess) throw new CannotGoOn(excess);
    return { versionArn: target.arn, input, text };
  }

  return {
    check,
    resume,
    async resumeAnyway(origin, standing, to) {
      try {
        return await resume(origin, standing, to);
      } catch (error) {
        const own = catalog.processOf(origin.versionArn);
        if (!(error instanceof CannotGoOn) || !own || isSame(own, to)) throw error;
        const kept = await resume(origin, standing, own);
        return { ...kept, kept: error.message };
      }
    },
    definitionOf: async (execution) => catalog.definition(await versionOf(execution)),
  };
}

export const noPair = ({ number }: MachineVersion): string =>
  `No version of the resume machine has the definition of version ${number}, so nothing can go on in it: it was deployed ` +
  'before there was a resume machine, or its version there was deleted. Move to another version, or deploy this one again.';

const isSame = (one: MachineVersion, other: MachineVersion): boolean => one.definition === other.definition;

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

async function translated(plan: Plan, { state, input, variables }: Place, execution: ResumeInput['execution']) {
  try {
    return await applyPlan(plan, {
      state,
      input: JSON.parse(input),
      variables: Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, JSON.parse(text)])),
      execution,
    });
  } catch (error) {
    throw new CannotGoOn((error as Error).message);
  }
}
