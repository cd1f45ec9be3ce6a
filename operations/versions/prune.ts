import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { DeleteStateMachineVersionCommand } from '@aws-sdk/client-sfn';
import { machineArn } from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { StackAccess } from '../stack-access.ts';
import { type CountRequest, countExecutions, endedBadly, redriveWindowMs } from './count-executions.ts';
import { nameOf } from './function-versions.ts';
import { type Decision, decideFunctions, type PrunePlan, planPrune, type SeenVersion, written } from './prune-plan.ts';
import { migrationTargets, readSnapshot } from './read-snapshot.ts';
import { readAliases } from './read-versions.ts';

export interface PruneOptions {
  /** Without it nothing is deleted. */
  yes: boolean;
  print(line: string): void;
}

/**
 * `npm run versions -- prune`: deletes what nothing needs. Versions of machines first: from then on nothing can be started on
 * them, so that what is seen after that decides over the Lambdas. Killed at any moment it takes nothing that is
 * needed, and run again it goes on.
 */
export async function prune(stack: StackAccess, { yes, print }: PruneOptions): Promise<PrunePlan> {
  await refuseWhileDeployed(stack);
  const plan = planPrune(await readSnapshot(stack));
  if (!yes) {
    for (const line of describePlan(plan)) print(line);
    if (free(plan.versions).length + free(plan.functions).length > 0) print('\nNothing was deleted: do it with --yes.');
    return plan;
  }
  for (const line of describePlan(plan, { kept: false })) print(line);
  const found = free(plan.versions).map(({ subject }) => subject);
  // Those in which orders go on first: a version of the process that is left alone is deleted by the next run all the same.
  const going = [
    ...found.filter(({ machine }) => machine === 'resume'),
    ...found.filter(({ machine }) => machine === 'main'),
  ];
  const stays = new Set<string>();
  for (const version of going) {
    const pairs = going.filter((one) => one.resumesIn.includes(version.arn) || version.resumesIn.includes(one.arn));
    if (stays.has(version.arn)) {
      print(`kept after all: ${written([version])}, with its pair`);
      continue;
    }
    const deleted = await deleteVersion(stack, version, pairs, print);
    if (!deleted) for (const { arn } of pairs) stays.add(arn);
  }
  const lambdas = plan.functions.map(({ subject }) => subject.functionName);
  const snapshot = await readSnapshot(stack, lambdas);
  await refuseWhileDeployed(stack);
  const functions = decideFunctions(snapshot);
  for (const { subject } of free(functions)) {
    await tolerant(print, `Lambda ${nameOf(subject)}`, () =>
      stack.lambda.send(new DeleteFunctionCommand({ FunctionName: subject.functionName, Qualifier: subject.version })),
    );
  }
  return { ...planPrune(snapshot), functions };
}

/** CloudFormation goes back to the version before when a deployment fails, and names versions that nothing runs yet. */
async function refuseWhileDeployed(stack: StackAccess): Promise<void> {
  const deployment = await stack.deployment();
  if (deployment) {
    throw new CannotGoOn(
      `${stack.stackName} is being deployed (${deployment}), and may go back to what it was: prune when that has ended.`,
    );
  }
}

/** Looks once more: since the look somebody may have started an order on it by its ARN, moved an alias or begun a migration. */
async function deleteVersion(
  stack: StackAccess,
  version: SeenVersion,
  pairs: SeenVersion[],
  print: PruneOptions['print'],
): Promise<boolean> {
  const what = written([version]);
  if (await areUsedNow(stack, [version, ...pairs])) {
    print(`kept after all: ${what}, which is used since a moment ago`);
    return false;
  }
  return tolerant(print, what, () =>
    stack.sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: version.arn })),
  );
}

async function areUsedNow(stack: StackAccess, versions: SeenVersion[]): Promise<boolean> {
  const targets = await migrationTargets(stack);
  const endedSince = (await stack.now()) - redriveWindowMs;
  for (const { arn: stateMachineArn } of versions) {
    const aliases = await readAliases(stack.sfn, machineArn(stateMachineArn));
    if (targets.has(stateMachineArn) || aliases.some(({ routes }) => routes.has(stateMachineArn))) return true;
    const request = { stateMachineArn, statuses: ['RUNNING', ...endedBadly], endedSince, limit: 1 } as const;
    if ((await countOf(stack, request)) > 0) return true;
  }
  return false;
}

/** On what has been deleted already nothing can be started. */
async function countOf(stack: StackAccess, request: CountRequest): Promise<number> {
  try {
    return (await countExecutions(stack.sfn, request)).count;
  } catch (error) {
    const { name } = error as Error;
    if (name !== 'StateMachineDoesNotExist' && name !== 'ResourceNotFound') throw error;
    return 0;
  }
}

/** What the service itself refuses to delete, because an alias uses it by now, is kept. */
async function tolerant(print: PruneOptions['print'], what: string, remove: () => Promise<unknown>): Promise<boolean> {
  try {
    await remove();
    print(`deleted: ${what}`);
    return true;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ResourceNotFoundException') return true;
    if (name !== 'ConflictException' && name !== 'ResourceConflictException') throw error;
    print(`kept after all: ${what}, ${message}`);
    return false;
  }
}

const free = <Subject>(decisions: Decision<Subject>[]): Decision<Subject>[] =>
  decisions.filter(({ keptBecause }) => keptBecause.length === 0);

function describePlan(plan: PrunePlan, { kept = true } = {}): string[] {
  const lines = (title: string, decisions: Decision<string>[], can: string): string[] => {
    const shown = decisions.filter(({ keptBecause }) => kept || keptBecause.length === 0);
    if (shown.length === 0) return [];
    const width = Math.max(...shown.map(({ subject }) => subject.length));
    return [
      title,
      ...shown.map(({ subject, keptBecause }) => {
        const why = keptBecause.length > 0 ? `kept: ${keptBecause.join('; ')}` : can;
        return `  ${subject.padEnd(width)}  ${why}`;
      }),
    ];
  };
  const named = <Subject>(decisions: Decision<Subject>[], name: (subject: Subject) => string): Decision<string>[] =>
    decisions.map(({ subject, keptBecause }) => ({ subject: name(subject), keptBecause }));
  return [
    ...lines(
      'State machine versions',
      named(plan.versions, (version) => written([version])),
      'can go',
    ),
    ...lines('Lambda versions', named(plan.functions, nameOf), 'can go'),
    ...lines(
      'Retired rows of the steps file',
      plan.retiredRows,
      'nothing runs it: delete the row, its file, and deploy',
    ),
  ];
}
