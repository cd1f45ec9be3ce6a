import { UpdateStateMachineAliasCommand } from '@aws-sdk/client-sfn';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { StackAccess } from '../stack-access.ts';
import { type Machine, type MachineAlias, readMachines, versionNumber } from './read-versions.ts';

export interface RouteRequest {
  /** Number of the version that new orders start on. */
  version: number;
  /** Percent of the new orders, default all; the others start on what most of them start on now. */
  weight?: number;
}

/** `npm run versions -- route 3`: new orders start on version 3, whatever is deployed. */
export async function route(stack: StackAccess, request: RouteRequest, print: (line: string) => void): Promise<void> {
  const { version, weight = 100 } = request;
  const deployment = await stack.deployment();
  if (deployment) {
    throw new CannotGoOn(
      `${stack.stackName} is being deployed (${deployment}), and the deployment moves live as well. End it with ` +
        `aws cloudformation cancel-update-stack --stack-name ${stack.stackName}, which rolls back to the version before.`,
    );
  }
  const { main } = await readMachines(stack);
  const live = liveOf(main);
  const routes = routesWith(main, live, version, weight);
  print(`live was: ${writtenRoutes(live.routes)}`);
  await stack.sfn.send(
    new UpdateStateMachineAliasCommand({
      stateMachineAliasArn: live.arn,
      routingConfiguration: [...routes].map(([stateMachineVersionArn, share]) => ({
        stateMachineVersionArn,
        weight: share,
      })),
    }),
  );
  print(`live is:  ${writtenRoutes(routes)}`);
  print(
    [
      '',
      'Orders that run already stay where they are: npm run migrate moves them.',
      'The next deploy that publishes a version moves live to it; one that changes nothing leaves live here.',
      'Deploy that one with -c deployment=all-at-once: a gradual deployment shifts away from the version that the stack had before, not from this one.',
      'Not taken back: the API, the consumers of waits and answers, tables, rights, and the settings of a deployment.',
    ].join('\n'),
  );
}

export function liveOf({ aliases, arn }: Machine): MachineAlias {
  const live = aliases.find(({ name }) => name === 'live');
  if (!live) throw new CannotGoOn(`${arn} has no alias live: deploy the stack again.`);
  return live;
}

function routesWith({ versions }: Machine, live: MachineAlias, number: number, weight: number): Map<string, number> {
  const known = versions.map((version) => version.number);
  const wanted = versions.find((version) => version.number === number);
  if (!wanted) throw new CannotGoOn(`There is no version ${number}; there are ${known.join(', ')}.`);
  if (weight === 100) return new Map([[wanted.arn, 100]]);
  const [rest] = [...live.routes].filter(([arn]) => arn !== wanted.arn).sort(([, one], [, other]) => other - one);
  if (!rest) {
    throw new CannotGoOn(`All orders start on version ${number} already: route another version beside it instead.`);
  }
  return new Map([
    [wanted.arn, weight],
    [rest[0], 100 - weight],
  ]);
}

/** `4 (90 %), 3 (10 %)` */
export const writtenRoutes = (routes: ReadonlyMap<string, number>): string =>
  [...routes].map(([arn, weight]) => `${versionNumber(arn)} (${weight} %)`).join(', ');
