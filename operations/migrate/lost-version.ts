import { DescribeStateMachineForExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { machineOfExecution } from '../../lambdas/domain/execution-name.ts';
import { type MachineVersion, versionNumber } from '../versions/read-versions.ts';
import type { MachineArns } from './order-executions.ts';

/** What an execution runs whose version was deleted, or that was started by the plain ARN of its machine. */
export type LostVersion = (execution: { executionArn: string; versionArn: string }) => Promise<MachineVersion>;

/** The execution itself knows its definition for as long as it can be described, whatever became of the version; asked once. */
export function lostVersions(sfn: SFNClient, [main]: MachineArns): LostVersion {
  const known = new Map<string, Promise<MachineVersion>>();
  const ask = async (executionArn: string, versionArn: string): Promise<MachineVersion> => {
    const { definition, updateDate } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    return {
      arn: versionArn || executionArn,
      machine: machineOfExecution(executionArn) === main ? 'main' : 'resume',
      number: versionArn ? versionNumber(versionArn) : 0,
      publishedAt: updateDate!,
      definition: definition!,
    };
  };
  return ({ executionArn, versionArn }) => {
    const found = known.get(executionArn) ?? ask(executionArn, versionArn);
    known.set(executionArn, found);
    return found;
  };
}

/** `version 3`; of what has no number, what it is. */
export const nameOfVersion = ({ machine, number }: MachineVersion): string => {
  if (number === 0) return 'a definition without a version';
  return machine === 'main' ? `version ${number}` : `version ${number} of the resume machine`;
};
