import { CannotGoOn } from '../cannot-go-on.ts';
import { pairsOf } from '../versions/pairs.ts';
import { type Machine, type MachineKind, type MachineVersion, versionNumber } from '../versions/read-versions.ts';
import type { Definition } from './place.ts';

/** The versions of both machines, as a migration asks about them. */
export interface Catalog {
  /** What a person names: `3`, or `live`. Throws `CannotGoOn`. */
  named(name: string): MachineVersion;
  byArn(arn: string): MachineVersion | undefined;
  /** The version of the resume machine in which executions of this version of the process go on; the newest, if several do. */
  resumedBy(version: MachineVersion): MachineVersion | undefined;
  /** Everything whose executions run this version's definition: itself, and its pairs on the resume machine. */
  runningAs(version: MachineVersion): ReadonlySet<string>;
  /** The version of the process that an execution runs, whichever machine it is on; of equal ones the newest. */
  processOf(versionArn: string): MachineVersion | undefined;
  /** Parsed, as the execution itself has it: that of the resume machine has its entry too. */
  definition(version: MachineVersion): Definition;
}

export function catalogOf(machines: Record<MachineKind, Machine>): Catalog {
  const { main, resume } = machines;
  const pairs = pairsOf(main.versions, resume.versions);
  const byArn = new Map([...main.versions, ...resume.versions].map((version) => [version.arn, version]));
  const parsed = new Map<string, Definition>();
  return {
    named(name) {
      const wanted = /^\d+$/.test(name) ? Number(name) : undefined;
      const version =
        wanted === undefined ? routedBy(main, name) : main.versions.find(({ number }) => number === wanted);
      if (version) return version;
      throw new CannotGoOn(
        `There is no version ${name} of the process; there are ${numbersOf(main)}. npm run versions tells more.`,
      );
    },
    byArn: (arn) => byArn.get(arn),
    resumedBy: (version) => pairs.get(version.arn)?.at(-1),
    runningAs: (version) => new Set([version.arn, ...(pairs.get(version.arn) ?? []).map(({ arn }) => arn)]),
    processOf(versionArn) {
      const version = byArn.get(versionArn);
      if (version?.machine !== 'resume') return version;
      return main.versions.findLast(({ arn }) => pairs.get(arn)?.includes(version));
    },
    definition(version) {
      const known = parsed.get(version.arn) ?? (JSON.parse(version.definition) as Definition);
      parsed.set(version.arn, known);
      return known;
    },
  };
}

/** The version behind an alias, unless it is two: a deployment is under way, and which one is meant only a person knows. */
function routedBy(main: Machine, name: string): MachineVersion | undefined {
  const alias = main.aliases.find((one) => one.name === name);
  if (!alias) return undefined;
  const routes = [...alias.routes].filter(([, percent]) => percent > 0).map(([arn]) => arn);
  if (routes.length > 1) {
    const numbers = routes.map(versionNumber).join(' and ');
    throw new CannotGoOn(`${name} is split between versions ${numbers}: name the one that you mean.`);
  }
  return main.versions.find(({ arn }) => arn === routes[0]);
}

const numbersOf = ({ versions }: Machine): string => versions.map(({ number }) => number).join(', ') || 'none';
