import { DescribeStateMachineForExecutionCommand, type ExecutionListItem, type SFNClient } from '@aws-sdk/client-sfn';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import { orderRecords } from '../migrate/record.ts';
import { targetMarks } from '../migrate/target-marks.ts';
import type { StackAccess } from '../stack-access.ts';
import { endedBadly, executionsOf, redriveWindowMs } from './count-executions.ts';
import { factsOf } from './definition-facts.ts';
import { readFunctionVersions } from './function-versions.ts';
import { pairsOf } from './pairs.ts';
import type { Executions, Needs, SeenVersion, Snapshot } from './prune-plan.ts';
import { type Machine, type MachineVersion, readMachines } from './read-versions.ts';

/** A list of executions lags behind what was started, and nobody says how far: seconds are seen. */
const settledAfterMs = 10 * 60 * 1000;

/**
 * Everything that `prune` decides by. Reads the list of what runs and of what ended badly, all of it. `functionNames`: Lambdas
 * that are looked at although no definition may name them any more.
 */
export async function readSnapshot(stack: StackAccess, functionNames: Iterable<string> = []): Promise<Snapshot> {
  const now = await stack.now();
  const { main, resume } = await readMachines(stack);
  const targets = await migrationTargets(stack);
  const deployed = await stack.resourceIds();
  const executions = new Map<string, Executions>();
  const strays: (Needs & Executions)[] = [];
  for (const machine of [main, resume]) {
    const deleted = new Map<string, Needs>();
    const versions = new Set(machine.versions.map(({ arn }) => arn));
    for await (const { execution, seen } of executionsThatMayRun(stack.sfn, machine.arn, now)) {
      const { stateMachineVersionArn: version } = execution;
      if (version && versions.has(version)) executions.set(version, sum(executions.get(version), seen));
      else strays.push({ ...(await needsOfStray(stack.sfn, execution, deleted)), ...seen });
    }
  }
  const pairs = pairsOf(main.versions, resume.versions);
  const versions = [main, resume].flatMap((machine) =>
    machine.versions.map((version) => ({
      ...seenVersion(machine, version),
      ...(executions.get(version.arn) ?? { open: 0, redrivable: 0 }),
      migrationTarget: targets.has(version.arn),
      deployed: deployed.has(version.arn),
      resumesIn: (pairs.get(version.arn) ?? []).map(({ arn }) => arn),
    })),
  );
  const named = [...versions, ...strays].flatMap((needs) => needs.named);
  const names = new Set([...named.map((name) => name.split(':')[0]!), ...functionNames]);
  const unsettled = whyUnsettled([main, resume], now);
  return {
    versions,
    strays,
    functions: await readFunctionVersions(stack.lambda, [...names].sort()),
    retiredRows: Object.entries(steps)
      .filter(([, row]) => 'retired' in row && row.retired)
      .map(([name]) => name),
    ...(unsettled !== undefined && { unsettled }),
  };
}

function seenVersion(machine: Machine, version: MachineVersion) {
  const { arn, machine: kind, number } = version;
  return {
    arn,
    machine: kind,
    number,
    newest: version === machine.versions.at(-1),
    routedBy: machine.aliases
      .filter(({ routes }) => routes.has(arn))
      .map(({ name, routes }) => `alias ${name} (${routes.get(arn)} %)`),
    ...needsOf(version.definition),
  } satisfies Partial<SeenVersion>;
}

function needsOf(definition: string): Needs {
  const { named, functions } = factsOf(definition);
  return { named, steps: [...functions.keys()] };
}

/** What it runs is known as long as the execution is, whatever became of its version; of one version it is asked once. */
async function needsOfStray(sfn: SFNClient, execution: ExecutionListItem, deleted: Map<string, Needs>): Promise<Needs> {
  const { executionArn, stateMachineVersionArn: version } = execution;
  const known = version && deleted.get(version);
  if (known) return known;
  const { definition } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  const needs = needsOf(definition!);
  if (version) deleted.set(version, needs);
  return needs;
}

async function* executionsThatMayRun(sfn: SFNClient, machine: string, now: number) {
  for await (const execution of executionsOf(sfn, machine, 'RUNNING')) {
    yield { execution, seen: { open: 1, redrivable: 0 } satisfies Executions };
  }
  for (const status of endedBadly) {
    for await (const execution of executionsOf(sfn, machine, status)) {
      const redrivableUntil = execution.stopDate!.getTime() + redriveWindowMs;
      if (redrivableUntil >= now) yield { execution, seen: { open: 0, redrivable: 1, redrivableUntil } };
    }
  }
}

function sum(one: Executions | undefined, other: Executions): Executions {
  const until = Math.max(one?.redrivableUntil ?? 0, other.redrivableUntil ?? 0);
  return {
    open: (one?.open ?? 0) + other.open,
    redrivable: (one?.redrivable ?? 0) + other.redrivable,
    ...(until > 0 && { redrivableUntil: until }),
  };
}

/**
 * Versions that a record names: between the end of the old execution and the start of the new one nothing else does. And those
 * on which orders went on lately, which a list need not have yet: read after the records, because a record goes after its mark
 * was made.
 */
export async function migrationTargets({ dynamodb, output, now }: StackAccess): Promise<Set<string>> {
  const table = output('OrdersTableName');
  const records = await orderRecords(dynamodb, table).all();
  const lately = await targetMarks(dynamodb, table).since((await now()) - settledAfterMs);
  const named = records.flatMap((record) => [record.fromVersion, record.kind === 'redrive' ? '' : record.toVersion]);
  return new Set([...named, ...lately]);
}

function whyUnsettled(machines: Machine[], now: number): string | undefined {
  const moved = machines
    .flatMap(({ aliases }) => aliases)
    .map(({ name, updatedAt }) => ({ name, settledAt: updatedAt.getTime() + settledAfterMs }))
    .filter(({ settledAt }) => settledAt > now)
    .sort((one, other) => other.settledAt - one.settledAt)[0];
  return (
    moved &&
    `alias ${moved.name} was moved a moment ago, and an order that was started before may not be listed yet: ` +
      `try again after ${new Date(moved.settledAt).toISOString().slice(0, 16)}Z`
  );
}
