import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandInput,
  ExecutionDoesNotExist,
  type ExecutionStatus,
  ListExecutionsCommand,
  type ListExecutionsCommandInput,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { machineOfExecution, nameOfExecution } from '../../../lambdas/domain/execution-name.ts';
import { endedBadlyOn, type MachineArns } from '../../../operations/migrate/order-executions.ts';

const sfn = mockClient(SFNClient);
const client = sfn as unknown as SFNClient;
// Other files use the client in the same process.
afterAll(() => sfn.restore());

const main = 'arn:aws:states:us-east-1:1:stateMachine:p';
const machines: MachineArns = [main, `${main}-resume`];
const versions = new Set([`${main}:1`, `${main}-resume:1`]);

interface Execution {
  name: string;
  status: ExecutionStatus;
  resume?: boolean;
  /** Started a moment ago: it can be described, and the list does not have it yet. */
  unlisted?: boolean;
}
let executions: Execution[] = [];
const shown = ({ name, status, resume }: Execution) => {
  const stateMachineArn = resume ? `${main}-resume` : main;
  return {
    executionArn: `${stateMachineArn.replace('stateMachine', 'execution')}:${name}`,
    stateMachineArn,
    stateMachineVersionArn: `${stateMachineArn}:1`,
    name,
    status,
    startDate: new Date(0),
  };
};
beforeEach(() => {
  sfn.reset();
  sfn.on(ListExecutionsCommand).callsFake(({ stateMachineArn, statusFilter }: ListExecutionsCommandInput) => ({
    executions: executions
      .filter(({ unlisted, status }) => !unlisted && status === statusFilter)
      .map(shown)
      .filter((one) => one.stateMachineArn === stateMachineArn),
  }));
  sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }: DescribeExecutionCommandInput) => {
    const found = executions.map(shown).find((one) => one.executionArn === executionArn);
    if (!found) throw new ExecutionDoesNotExist({ message: 'none', $metadata: {} });
    return found;
  });
});
const names = (found: { executionArn: string }[]) =>
  found.map(({ executionArn }) => `${machineOfExecution(executionArn).split(':')[6]} ${nameOfExecution(executionArn)}`);

describe('the executions that ended badly', () => {
  it('are those after which no other came, listed or not', async () => {
    executions = [
      { name: 'ord_a', status: 'FAILED' },
      { name: 'ord_b', status: 'FAILED' },
      { name: 'ord_b-2', status: 'RUNNING', resume: true, unlisted: true },
      { name: 'ord_c', status: 'ABORTED' },
      { name: 'ord_c-2', status: 'FAILED', resume: true },
      { name: 'ord_d', status: 'FAILED' },
      { name: 'ord_d-2', status: 'SUCCEEDED' },
    ];
    expect(names(await endedBadlyOn(client, machines, versions)).sort()).toEqual(['p ord_a', 'p-resume ord_c-2']);
  });

  it('are not those beside which another one runs under the same number, on the other machine', async () => {
    executions = [
      { name: 'ord_a', status: 'ABORTED' },
      { name: 'ord_a-2', status: 'FAILED' },
      { name: 'ord_a-2', status: 'RUNNING', resume: true },
    ];
    expect(await endedBadlyOn(client, machines, versions)).toEqual([]);
    executions[2] = { name: 'ord_a-2', status: 'RUNNING', resume: true, unlisted: true };
    expect(await endedBadlyOn(client, machines, versions)).toEqual([]);
  });
});
