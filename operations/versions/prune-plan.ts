/** What `prune` deletes and what it keeps, and why: decided here over what was seen, acted upon elsewhere. */
import type { FunctionVersionName } from './definition-facts.ts';
import { type FunctionVersion, nameOf } from './function-versions.ts';
import type { MachineKind } from './read-versions.ts';

/** What an execution may still run of a definition. */
export interface Needs {
  /** Versions of Lambdas that it names. */
  named: readonly FunctionVersionName[];
  /** States that run a Lambda: each has a row in the steps file. */
  steps: readonly string[];
}

/** Executions of one version, or those whose version is gone. */
export interface Executions {
  open: number;
  /** That ended otherwise than well and may be redriven still. */
  redrivable: number;
  /** Milliseconds since the epoch: when the last of them may not be redriven any more. */
  redrivableUntil?: number;
}

export interface SeenVersion extends Needs, Executions {
  arn: string;
  machine: MachineKind;
  number: number;
  /** No later one is published. */
  newest: boolean;
  /** The stack's own: after a deployment that was rolled back an older one than the newest, and perhaps not the one that is routed to. */
  deployed: boolean;
  /** `alias live (90 %)` */
  routedBy: readonly string[];
  /** A migration that has begun goes on in it. */
  migrationTarget: boolean;
  /** Of a version of the process: ARNs of the versions in which its executions can go on, oldest first. */
  resumesIn: readonly string[];
}

export interface Snapshot {
  versions: readonly SeenVersion[];
  /** Executions that run, or may be redriven, on a definition of which there is no version: it was deleted, or never published. */
  strays: readonly (Needs & Executions)[];
  functions: readonly FunctionVersion[];
  /** Rows of the steps file that make a Lambda and no state. */
  retiredRows: readonly string[];
  /** Why nothing can be said of versions that nothing is routed to: an alias was moved a moment ago. */
  unsettled?: string;
}

/** Why something stays; nothing if it can go. */
export interface Decision<Subject> {
  subject: Subject;
  keptBecause: readonly string[];
}

export interface PrunePlan {
  versions: Decision<SeenVersion>[];
  functions: Decision<FunctionVersion>[];
  retiredRows: Decision<string>[];
}

export function planPrune(snapshot: Snapshot): PrunePlan {
  const versions = decideVersions(snapshot);
  const kept = versions.filter(({ keptBecause }) => keptBecause.length > 0).map(({ subject }) => subject);
  return {
    versions,
    functions: decideFunctions(snapshot, kept),
    retiredRows: snapshot.retiredRows.map((subject) => ({
      subject,
      keptBecause: reasonsFor(({ steps }) => steps.includes(subject), kept, snapshot.strays),
    })),
  };
}

/**
 * Versions of Lambdas, given what versions of the machines stay: those that the plan keeps, or, once it was carried out, all
 * that there are.
 */
export const decideFunctions = (
  { functions, strays, versions }: Snapshot,
  kept: readonly SeenVersion[] = versions,
): Decision<FunctionVersion>[] =>
  functions.map((subject) => ({ subject, keptBecause: reasonsForFunction(subject, kept, strays) }));

function decideVersions({ versions, unsettled }: Snapshot): Decision<SeenVersion>[] {
  const mains = versions.filter(({ machine }) => machine === 'main');
  const resumes = versions.filter(({ machine }) => machine === 'resume');
  const byArn = new Map(resumes.map((version) => [version.arn, version]));
  const whileUnsettled = unsettled === undefined ? [] : [unsettled];

  const decidedMains = mains.map((subject) => ({
    subject,
    keptBecause: firstOf(
      ownReasons(subject),
      subject.resumesIn.flatMap((arn) =>
        executionReasons(byArn.get(arn)!, ` on resume version ${byArn.get(arn)!.number}`),
      ),
      whileUnsettled,
    ),
  }));
  const keptMains = decidedMains.filter(({ keptBecause }) => keptBecause.length > 0).map(({ subject }) => subject);
  const paired = new Set(mains.flatMap(({ resumesIn }) => resumesIn));
  const unpaired = keptMains.filter(({ resumesIn }) => resumesIn.length === 0);

  const decidedResumes = resumes.map((subject) => {
    // Of several that are alike the newest is the one that is used.
    const resumed = keptMains.filter(({ resumesIn }) => resumesIn.at(-1) === subject.arn);
    return {
      subject,
      keptBecause: firstOf(
        ownReasons(subject),
        resumed.length > 0 ? [`orders of ${written(resumed)} can go on in it`] : [],
        // A generator that has changed since tells nothing of what it made before.
        !paired.has(subject.arn) && unpaired.length > 0 ? [`orders of ${written(unpaired)} may go on in it`] : [],
        whileUnsettled,
      ),
    };
  });
  return [...decidedMains, ...decidedResumes];
}

/** The first kind of reason that there is: the others would only repeat that it stays. */
const firstOf = (...kinds: readonly (readonly string[])[]): readonly string[] =>
  kinds.find((reasons) => reasons.length > 0) ?? [];

const ownReasons = (version: SeenVersion): string[] => [
  ...version.routedBy.map((alias) => `${alias} starts orders on it`),
  ...executionReasons(version, ' on it'),
  ...(version.migrationTarget ? ['a migration goes on in it, or did a moment ago'] : []),
  ...(version.newest ? ['it is the newest'] : []),
  ...(version.deployed ? ['the stack has it'] : []),
];

function executionReasons({ open, redrivable, redrivableUntil }: Executions, where: string): string[] {
  const until = redrivableUntil === undefined ? '' : ` until ${new Date(redrivableUntil).toISOString().slice(0, 16)}Z`;
  return [
    ...(open > 0 ? [`${open.toLocaleString('en')} open${where}`] : []),
    ...(redrivable > 0
      ? [`${redrivable.toLocaleString('en')} that failed or were stopped${where} may be redriven${until}`]
      : []),
  ];
}

function reasonsForFunction(
  version: FunctionVersion,
  kept: readonly SeenVersion[],
  strays: Snapshot['strays'],
): readonly string[] {
  const name = nameOf(version);
  return firstOf(
    reasonsFor(({ named }) => named.includes(name), kept, strays),
    version.usedBy.map((user) => `${user} uses it`),
    version.newest ? ['it is the newest'] : [],
  );
}

function reasonsFor(
  needs: (definition: Needs) => boolean,
  kept: readonly SeenVersion[],
  strays: Snapshot['strays'],
): readonly string[] {
  const versions = kept.filter(needs);
  const executions = strays.filter(needs).reduce((sum, { open, redrivable }) => sum + open + redrivable, 0);
  return [
    ...(versions.length > 0 ? [`named by ${written(versions)}`] : []),
    ...(executions > 0 ? [`named by ${executions} executions without a version`] : []),
  ];
}

/** `versions 3, 4, resume 2` */
export function written(versions: readonly Pick<SeenVersion, 'machine' | 'number'>[]): string {
  const numbers = (kind: MachineKind) => versions.filter(({ machine }) => machine === kind).map(({ number }) => number);
  const parts: [string, number[]][] = [
    ['version', numbers('main')],
    ['resume version', numbers('resume')],
  ];
  return parts
    .filter(([, found]) => found.length > 0)
    .map(([kind, found]) => `${kind}${found.length > 1 ? 's' : ''} ${found.join(', ')}`)
    .join(' and ');
}
