import { DescribeStateMachineForExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import {
  executionArnOf,
  executionNameOf,
  machineOfExecution,
  nameOfExecution,
  parseExecutionName,
} from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { type MachineVersion, versionNumber } from '../versions/read-versions.ts';
import type { MachineArns } from './order-executions.ts';

/** What an execution runs whose version was deleted, or that was started by the plain ARN of its machine. */
export type LostVersion = (execution: { executionArn: string; versionArn: string }) => Promise<MachineVersion>;

/** The execution itself knows its definition for as long as it can be described, whatever became of the version; asked once. */
export function lostVersions(sfn: SFNClient, [main]: MachineArns): LostVersion {
  const known = new Map<string, Promise<MachineVersion>>();
  const ask = async (executionArn: string, versionArn: string): Promise<MachineVersion> => {
    const command = new DescribeStateMachineForExecutionCommand({ executionArn });
    const { definition, updateDate } = await sfn.send(command).catch((error) => {
      throw error instanceof ExecutionDoesNotExist ? new CannotGoOn(byHand(main, executionArn)) : error;
    });
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

/** That an execution can be asked for its definition when the version is gone is written nowhere. */
function byHand(main: string, executionArn: string): string {
  const { orderId, number } = parseExecutionName(nameOfExecution(executionArn));
  return (
    `Step Functions does not tell any more what ${nameOfExecution(executionArn)} ran, so nobody can say where it stood. Start the ` +
    'order again with its first step, which finds what was done:\n' +
    `  aws stepfunctions describe-execution --execution-arn ${executionArnOf(main, orderId)} --query input --output text > order.json\n` +
    `  aws stepfunctions start-execution --state-machine-arn ${main}:live --name ${executionNameOf({ orderId, number: number + 1 })} --input file://order.json`
  );
}

/** `version 3`; of what has no number, what it is. */
export const nameOfVersion = ({ machine, number }: MachineVersion): string => {
  if (number === 0) return 'a definition without a version';
  return machine === 'main' ? `version ${number}` : `version ${number} of the resume machine`;
};
