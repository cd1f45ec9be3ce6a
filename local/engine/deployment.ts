import type { Alarm } from './alarm.ts';
import type { Route } from './route.ts';

/** How an alias comes to another version: the DeploymentPreference of its template. */
export interface Preference {
  type: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR';
  /** CANARY: what the new version takes first; LINEAR: what it takes more with every interval. */
  percentage: number;
  intervalMinutes: number;
  /** What takes the deployment back, and the names of alarms that would, but look at what is not there locally. */
  alarms: Alarm[];
  notEvaluated: string[];
}

/** What was last deployed to an alias, and how far that is. */
export interface Deployment {
  /** What was asked for, as one text. The same again, at the next start, changes nothing. */
  asked: string;
  /** `replaced`: somebody has set the routing by hand since. */
  status: 'in progress' | 'done' | 'rolled back' | 'replaced';
  gradual?: Gradual;
}

export interface Gradual extends Omit<Preference, 'type'> {
  type: 'CANARY' | 'LINEAR';
  /** Version ARNs. */
  from: string;
  to: string;
  startedAt: number;
}

/** Percent of new executions for the new version. A function of the time alone: whoever slept through steps takes them all. */
export function weightAt({ type, percentage, intervalMinutes, startedAt }: Gradual, at: number): number {
  const intervals = Math.floor((at - startedAt) / (intervalMinutes * 60_000));
  if (type === 'CANARY') return intervals < 1 ? percentage : 100;
  return Math.min(100, percentage * (intervals + 1));
}

/** When the weight changes next; undefined once the new version has all. */
export function nextStepAt(gradual: Gradual, at: number): number | undefined {
  if (weightAt(gradual, at) === 100) return undefined;
  const { intervalMinutes, startedAt } = gradual;
  const intervalMs = intervalMinutes * 60_000;
  return startedAt + (Math.floor((at - startedAt) / intervalMs) + 1) * intervalMs;
}

export function routingAt(gradual: Gradual, at: number): Route[] {
  const { from, to } = gradual;
  const weight = weightAt(gradual, at);
  if (weight === 100) return [{ stateMachineVersionArn: to, weight }];
  return [
    { stateMachineVersionArn: to, weight },
    { stateMachineVersionArn: from, weight: 100 - weight },
  ];
}

/** The version to shift away from: what the alias led to before a deployment that is still going on, else what most go to. */
export function baseOf(routing: readonly Route[], deployment: Deployment | null): string | undefined {
  if (deployment?.status === 'in progress' && deployment.gradual) return deployment.gradual.from;
  return routing.toSorted((a, b) => b.weight - a.weight)[0]?.stateMachineVersionArn;
}

export function isGoingOn(deployment: Deployment | null): deployment is Deployment & { gradual: Gradual } {
  return deployment?.status === 'in progress' && deployment.gradual !== undefined;
}
