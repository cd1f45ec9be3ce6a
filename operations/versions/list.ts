import type { StackAccess } from '../stack-access.ts';
import { type Count, countExecutions, redriveWindowMs, writtenCount } from './count-executions.ts';
import { type DefinitionDiff, describeDiff, diffDefinitions } from './definition-diff.ts';
import { type DefinitionFacts, factsOf } from './definition-facts.ts';
import { nameOf, readFunctionVersions } from './function-versions.ts';
import { pairsOf } from './pairs.ts';
import { type MachineVersion, readMachines } from './read-versions.ts';
import { liveOf } from './route.ts';

export interface OrdersOn {
  open: Count;
  /** FAILED or TIMED_OUT, so lately that they may be redriven. */
  failed: Count;
  /** ABORTED, as lately: by hand, or because they were moved to another version. */
  stopped: Count;
}

export interface ListedVersion extends OrdersOn {
  number: number;
  arn: string;
  publishedAt: string;
  /** Of new orders, in percent. */
  livePercent: number;
  /** What is otherwise than in the version before it; nothing of the first one that is left. */
  changes?: { since: number } & DefinitionDiff;
  /**
   * Where orders go on that were migrated to it or restarted, with the orders there. A version that went back to the definition
   * of an earlier one has that one's as well.
   */
  resume?: { numbers: number[] } & OrdersOn;
}

export interface Listing {
  stackName: string;
  /** Newest first. */
  versions: ListedVersion[];
  /** Versions of the resume machine that belong to none of them and still run orders. */
  otherResumeVersions: ({ number: number; arn: string } & OrdersOn)[];
}

/** What `npm run versions` tells, as `--json` prints it. */
export async function listVersions(stack: StackAccess): Promise<Listing> {
  const endedSince = (await stack.now()) - redriveWindowMs;
  const { main, resume } = await readMachines(stack);
  const live = liveOf(main);
  const pairs = pairsOf(main.versions, resume.versions);
  const paired = new Set([...pairs.values()].flat());
  const facts = new Map(main.versions.map(({ arn, definition }) => [arn, factsOf(definition)]));
  const codeOf = await codeOfLambdas(stack, [...facts.values()]);

  const ordersOn = async (versions: readonly MachineVersion[]): Promise<OrdersOn> => {
    const counts = await Promise.all(
      versions.map(async ({ arn: stateMachineArn }) => ({
        open: await countExecutions(stack.sfn, { stateMachineArn, statuses: ['RUNNING'] }),
        failed: await countExecutions(stack.sfn, { stateMachineArn, statuses: ['FAILED', 'TIMED_OUT'], endedSince }),
        stopped: await countExecutions(stack.sfn, { stateMachineArn, statuses: ['ABORTED'], endedSince }),
      })),
    );
    return {
      open: total(counts.map(({ open }) => open)),
      failed: total(counts.map(({ failed }) => failed)),
      stopped: total(counts.map(({ stopped }) => stopped)),
    };
  };

  const versions: ListedVersion[] = [];
  for (const [index, version] of main.versions.entries()) {
    const before = main.versions[index - 1];
    const newestAlike = main.versions.findLast(({ definition }) => definition === version.definition);
    const resumesIn = version === newestAlike ? (pairs.get(version.arn) ?? []) : [];
    versions.unshift({
      number: version.number,
      arn: version.arn,
      publishedAt: version.publishedAt.toISOString(),
      livePercent: live.routes.get(version.arn) ?? 0,
      ...(await ordersOn([version])),
      ...(before && {
        changes: {
          since: before.number,
          ...diffDefinitions(facts.get(before.arn)!, facts.get(version.arn)!, codeOf),
        },
      }),
      ...(resumesIn.length > 0 && {
        resume: { numbers: resumesIn.map(({ number }) => number), ...(await ordersOn(resumesIn)) },
      }),
    });
  }
  const others = await Promise.all(
    resume.versions
      .filter((version) => !paired.has(version))
      .map(async (version) => ({ number: version.number, arn: version.arn, ...(await ordersOn([version])) })),
  );
  return {
    stackName: stack.stackName,
    versions,
    otherResumeVersions: others.filter(hasOrders),
  };
}

const total = (counts: Count[]): Count => ({
  count: counts.reduce((sum, { count }) => sum + count, 0),
  more: counts.some(({ more }) => more),
});

async function codeOfLambdas({ lambda }: StackAccess, definitions: DefinitionFacts[]) {
  const names = new Set(
    definitions.flatMap(({ functions }) => [...functions.values()].map((one) => one.split(':')[0]!)),
  );
  const versions = await readFunctionVersions(lambda, names);
  const code = new Map(versions.map((version) => [nameOf(version), version.codeSha256]));
  return (name: string): string | undefined => code.get(name);
}

/** For people. */
export function describeListing({ stackName, versions, otherResumeVersions }: Listing): string[] {
  const lines = [stackName];
  for (const { number, publishedAt, livePercent, changes, resume, ...orders } of versions) {
    const live = livePercent > 0 ? `live ${livePercent} %` : '';
    lines.push(
      `${String(number).padStart(4)}  ${publishedAt.slice(0, 16).replace('T', ' ')}  ${live.padEnd(10)}  ${writtenOrders(orders)}`,
    );
    if (resume && hasOrders(resume)) {
      lines.push(
        `      moved to it or restarted on it: ${writtenOrders(resume).trimStart()} (on resume version ${resume.numbers.join(', ')})`,
      );
    }
    if (!changes) continue;
    const described = describeDiff(changes);
    if (described.length === 0) described.push(`nothing that orders notice, against ${changes.since}`);
    lines.push(...described.map((line) => `      ${line}`));
  }
  for (const { number, ...orders } of otherResumeVersions) {
    lines.push(`resume version ${number}, which belongs to none of these: ${writtenOrders(orders)}`);
  }
  return lines;
}

const hasOrders = ({ open, failed, stopped }: OrdersOn): boolean => open.count + failed.count + stopped.count > 0;

function writtenOrders({ open, failed, stopped }: OrdersOn): string {
  const parts = [`${writtenCount(open).padStart(6)} open`];
  if (failed.count > 0) parts.push(`${writtenCount(failed)} failed`);
  if (stopped.count > 0) parts.push(`${writtenCount(stopped)} moved or stopped`);
  return parts.join(', ');
}
