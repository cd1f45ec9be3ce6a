import {
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { machineArn } from '../../lambdas/domain/execution-name.ts';
import type { StackAccess } from '../stack-access.ts';

/** The state machine of the process, or the one in which its executions go on. */
export type MachineKind = 'main' | 'resume';

export interface MachineVersion {
  arn: string;
  machine: MachineKind;
  number: number;
  publishedAt: Date;
  definition: string;
}

export interface MachineAlias {
  arn: string;
  name: string;
  updatedAt: Date;
  /** What it starts, in percent, by the ARN of the version. */
  routes: ReadonlyMap<string, number>;
}

export interface Machine {
  arn: string;
  /** Oldest first. */
  versions: MachineVersion[];
  aliases: MachineAlias[];
}

/** Both machines with every version that they have. */
export async function readMachines(stack: StackAccess): Promise<Record<MachineKind, Machine>> {
  const [main, resume] = await Promise.all([
    readMachine(stack.sfn, 'main', machineArn(stack.output('StateMachineArn'))),
    readMachine(stack.sfn, 'resume', machineArn(stack.output('ResumeStateMachineArn'))),
  ]);
  return { main, resume };
}

export const versionNumber = (arn: string): number => Number(arn.split(':')[7]);

async function readMachine(sfn: SFNClient, machine: MachineKind, arn: string): Promise<Machine> {
  const [versions, aliases] = await Promise.all([readVersions(sfn, machine, arn), readAliases(sfn, arn)]);
  return { arn, versions, aliases };
}

async function readVersions(sfn: SFNClient, machine: MachineKind, arn: string): Promise<MachineVersion[]> {
  const found: MachineVersion[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: arn, maxResults: 1000, ...(nextToken && { nextToken }) }),
    );
    for (const { stateMachineVersionArn, creationDate } of page.stateMachineVersions ?? []) {
      const { definition } = await sfn.send(
        new DescribeStateMachineCommand({ stateMachineArn: stateMachineVersionArn }),
      );
      found.push({
        arn: stateMachineVersionArn!,
        machine,
        number: versionNumber(stateMachineVersionArn!),
        publishedAt: creationDate!,
        definition: definition!,
      });
    }
    nextToken = page.nextToken;
  } while (nextToken);
  return found.sort((one, other) => one.number - other.number);
}

/** A state machine has at most a hundred aliases. */
export async function readAliases(sfn: SFNClient, arn: string): Promise<MachineAlias[]> {
  const { stateMachineAliases = [] } = await sfn.send(
    new ListStateMachineAliasesCommand({ stateMachineArn: arn, maxResults: 1000 }),
  );
  return Promise.all(
    stateMachineAliases.map(async ({ stateMachineAliasArn }) => {
      const alias = await sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
      return {
        arn: stateMachineAliasArn!,
        name: alias.name!,
        updatedAt: alias.updateDate!,
        routes: new Map(
          alias.routingConfiguration!.map(({ stateMachineVersionArn, weight }) => [stateMachineVersionArn!, weight!]),
        ),
      };
    }),
  );
}
