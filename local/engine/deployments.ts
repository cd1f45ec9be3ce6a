import { type Alarm, type CountedMetric, conditionOf, countedStatus, wentOff } from './alarm.ts';
import type { Aliases } from './aliases.ts';
import {
  baseOf,
  type Deployment,
  type Gradual,
  isGoingOn,
  nextStepAt,
  type Preference,
  routingAt,
  weightAt,
} from './deployment.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { FunctionCalls } from './function-calls.ts';
import type { Journal } from './journal.ts';
import type { Clock } from './ports.ts';
import type { Route } from './route.ts';
import type { AliasRow, StateMachineStore } from './state-machine-store.ts';

export interface DeployAlias {
  arn: string;
  name: string;
  description?: string | undefined;
  /** Where all new executions are to go in the end, or as they are to be divided. */
  routing: Route[];
  preference?: Preference | undefined;
}

/** Brings aliases to new versions, at once or step by step on the movable clock. */
export interface Deployments {
  /** The same request as the last one changes nothing, whatever became of that; another one replaces what is going on. */
  deploy(request: DeployAlias): AliasRow;
  /** Goes on with what was going on when the last runtime stopped. */
  resume(): void;
  /** An execution ended otherwise than well: it may be one too many for an alarm. (So may a call, which is listened for.) */
  executionFailed(): void;
  close(): void;
}

export interface DeploymentPorts {
  journal: Journal;
  store: StateMachineStore;
  aliases: Aliases;
  executions: Pick<ExecutionStore, 'endings'>;
  functionCalls?: FunctionCalls | undefined;
  clock: Clock;
  /** Lines for people. */
  info(message: string): void;
}

type DeployingAlias = AliasRow & { deployment: Deployment & { gradual: Gradual } };

function isDeploying(alias: AliasRow): alias is DeployingAlias {
  return isGoingOn(alias.deployment);
}

export function createDeployments(ports: DeploymentPorts): Deployments {
  const { journal, store, aliases, executions, functionCalls, clock, info } = ports;
  const timers = new Map<string, Disposable>();
  functionCalls?.onFailure(lookAtAlarms);

  function write(alias: AliasRow, routing: Route[], deployment: Deployment): AliasRow {
    const row = { ...alias, routing, deployment, updatedAt: clock.now() };
    journal.transact(() => store.putAlias(row));
    watch(row);
    return row;
  }

  /** The next step comes when its time comes. */
  function watch({ arn, deployment }: AliasRow): void {
    timers.get(arn)?.[Symbol.dispose]();
    timers.delete(arn);
    const dueAt = isGoingOn(deployment) ? nextStepAt(deployment.gradual, clock.now()) : undefined;
    if (dueAt !== undefined)
      timers.set(
        arn,
        clock.at(dueAt, () => step(arn)),
      );
  }

  function step(arn: string): void {
    const alias = store.findAlias(arn);
    timers.delete(arn);
    // Deleted meanwhile, or set by hand.
    if (!alias || !isDeploying(alias) || takenBack(alias)) return;
    const { deployment } = alias;
    const routing = routingAt(deployment.gradual, clock.now());
    const changed = write(alias, routing, routing.length === 1 ? { ...deployment, status: 'done' } : deployment);
    info(`${nameOf(alias)}: ${progressOf(changed, clock.now())}`);
  }

  function takenBack(alias: DeployingAlias): boolean {
    const { deployment } = alias;
    const { alarms, from, to, startedAt } = deployment.gradual;
    const alarm = alarms.find((one) => wentOff(one, countedSince(one, startedAt)));
    if (!alarm) return false;
    write(alias, [{ stateMachineVersionArn: from, weight: 100 }], { ...deployment, status: 'rolled back' });
    info(
      `${nameOf(alias)} is back on version ${numberOf(from)} and leads to version ${numberOf(to)} no more: the alarm ${alarm.name} went off (${conditionOf(alarm)}).`,
    );
    return true;
  }

  /** Only since the deployment began: what an alarm rang for before is not the new version's doing. */
  function countedSince({ metrics }: Alarm, since: number): Record<string, number[]> {
    return Object.fromEntries(Object.entries(metrics).map(([id, metric]) => [id, timesOf(metric, since)]));
  }

  function timesOf(counted: CountedMetric, since: number): number[] {
    if (counted.of === 'executions') {
      const { of: _, metric, ...filter } = counted;
      return executions.endings({ ...filter, status: countedStatus[metric], since });
    }
    const { of: _, metric, ...filter } = counted;
    return functionCalls?.times({ ...filter, failed: metric === 'Errors', since }) ?? [];
  }

  function isUpToDate({ routing, deployment }: DeployingAlias): boolean {
    return weightAt(deployment.gradual, clock.now()) === routing[0]?.weight;
  }

  function goingOn(): DeployingAlias[] {
    return store.list().flatMap(({ arn }) => store.aliases(arn).filter(isDeploying));
  }

  function lookAtAlarms(): void {
    if (timers.size === 0) return;
    for (const alias of goingOn()) takenBack(alias);
  }

  return {
    deploy({ arn, name, description, routing, preference }) {
      const asked = JSON.stringify([routing, preference ?? null]);
      const known = store.findAlias(arn);
      if (known?.deployment?.asked === asked) {
        if (known.deployment.status === 'rolled back') info(staysTakenBack(known, known.deployment));
        if (isDeploying(known) && isUpToDate(known)) info(`${nameOf(known)}: ${progressOf(known, clock.now())}`);
        return known.description === (description ?? null) ? known : aliases.update({ arn, description });
      }
      aliases.check(routing);
      const from = known && baseOf(known.routing, known.deployment);
      // One write, so that no crash leaves the new version with everything.
      const alias = known
        ? { ...known, description: description ?? known.description }
        : aliases.create({ name, description, routing });
      const to = routing[0]!.stateMachineVersionArn;
      if (!preference || preference.type === 'ALL_AT_ONCE' || from === undefined || from === to) {
        return write(alias, routing, { asked, status: 'done' });
      }
      const gradual: Gradual = { ...preference, type: preference.type, from, to, startedAt: clock.now() };
      const changed = write(alias, routingAt(gradual, clock.now()), { asked, status: 'in progress', gradual });
      info(`${nameOf(alias)}: ${progressOf(changed, clock.now())}`);
      if (gradual.notEvaluated.length > 0) {
        info(`${nameOf(alias)}: alarms that are not evaluated locally: ${gradual.notEvaluated.join(', ')}.`);
      }
      return changed;
    },

    resume() {
      for (const alias of goingOn()) {
        // Steps whose time came while nothing was up are taken now, all of them at once.
        if (isUpToDate(alias)) watch(alias);
        else step(alias.arn);
      }
      lookAtAlarms();
    },

    executionFailed: lookAtAlarms,

    close() {
      for (const timer of timers.values()) timer[Symbol.dispose]();
      timers.clear();
    },
  };
}

function nameOf({ name, stateMachineArn }: AliasRow): string {
  return `Alias ${name} of ${stateMachineArn.split(':').at(-1)}`;
}

function staysTakenBack(alias: AliasRow, { gradual }: Deployment): string {
  const [now] = alias.routing;
  return `${nameOf(alias)} stays on version ${numberOf(now!.stateMachineVersionArn)}: an alarm took version ${numberOf(gradual!.to)} back.`;
}

function progressOf({ routing, deployment }: AliasRow, at: number): string {
  const [now, before] = routing;
  const version = `version ${numberOf(now!.stateMachineVersionArn)}`;
  const next = deployment?.gradual && nextStepAt(deployment.gradual, at);
  if (!before || !deployment?.gradual || next === undefined) return `${version} takes all new executions.`;
  const then = weightAt(deployment.gradual, next) === 100 ? 'the rest' : 'more';
  const minutes = Math.ceil((next - at) / 60_000);
  return `${version} takes ${now!.weight} % of the new executions and version ${numberOf(before.stateMachineVersionArn)} the others; ${then} in ${minutes} min.`;
}

function numberOf(versionArn: string): string {
  return versionArn.split(':').at(-1)!;
}
