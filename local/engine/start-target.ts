import { parseStateMachineArn } from './arn.ts';
import type { Route } from './route.ts';
import type { StateMachineStore } from './state-machine-store.ts';
import { doesNotExist } from './state-machines.ts';

/** What a state machine, version or alias ARN stands for at this moment. */
export interface StartTarget {
  stateMachineArn: string;
  stateMachineName: string;
  type: 'STANDARD' | 'EXPRESS';
  roleArn: string;
  definitionId: number;
  versionArn?: string;
  aliasArn?: string;
}

/** Throws InvalidArn, StateMachineDoesNotExist. `random`: 0 <= n < 1, decides between the two routes of an alias. */
export function findStartTarget(store: StateMachineStore, arn: string, random: () => number): StartTarget {
  const { kind, stateMachineArn } = parseStateMachineArn(arn);
  const machine = store.find(stateMachineArn);
  if (!machine) throw doesNotExist(arn);
  const target = { stateMachineArn, stateMachineName: machine.name, type: machine.type };
  if (kind === 'stateMachine') return { ...target, roleArn: machine.roleArn, definitionId: machine.definitionId };
  const alias = kind === 'alias' ? store.findAlias(arn) : undefined;
  const versionArn = kind === 'version' ? arn : alias && choose(alias.routing, random());
  const version = versionArn === undefined ? undefined : store.findVersion(versionArn);
  if (!version) throw doesNotExist(arn);
  return {
    ...target,
    roleArn: version.roleArn,
    definitionId: version.definitionId,
    versionArn: version.arn,
    ...(alias && { aliasArn: alias.arn }),
  };
}

function choose(routing: Route[], random: number): string | undefined {
  let left = random * 100;
  for (const { stateMachineVersionArn, weight } of routing) {
    if (left < weight) return stateMachineVersionArn;
    left -= weight;
  }
  return routing.at(-1)?.stateMachineVersionArn;
}
