import { type Execution, newExecution } from '../asl/execution.ts';
import { findSyntaxProblem } from '../asl/json-syntax.ts';
import type { Machine } from '../asl/machine.ts';
import type { ExecutionRow } from './execution-store.ts';
import { ServiceError } from './ports.ts';
import type { StartTarget } from './start-target.ts';

/** The input of a start request: JSON text as it was given, `{}` when there is none. Throws InvalidExecutionInput. */
export function executionInput(input = '{}'): string {
  const complaint = input === '' ? 'Invalid execution input.' : findSyntaxProblem(input)?.message;
  if (complaint === undefined) return input;
  throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${complaint}'`);
}

type Given = Pick<ExecutionRow, 'id' | 'arn' | 'name' | 'input' | 'startedAt'> & { startedBy: string | undefined };

export function newExecutionRow({ startedBy, ...given }: Given, target: StartTarget): ExecutionRow {
  return {
    ...given,
    type: target.type,
    stateMachineArn: target.stateMachineArn,
    versionArn: target.versionArn ?? null,
    aliasArn: target.aliasArn ?? null,
    roleArn: target.roleArn,
    definitionId: target.definitionId,
    startedBy: startedBy ?? null,
    status: 'RUNNING',
    stoppedAt: null,
    output: null,
    error: null,
    cause: null,
    redriveCount: 0,
    redrivenAt: null,
    redriveTokens: null,
  };
}

/** The state of an execution before its first entry: what all its entries are folded into. */
export function beforeFirstEntry(row: ExecutionRow, machine: Machine): Execution {
  return newExecution({
    machine,
    executionArn: row.arn,
    executionName: row.name,
    stateMachineArn: row.stateMachineArn,
    stateMachineName: row.stateMachineArn.split(':').at(-1)!,
    ...(row.versionArn && { stateMachineVersionArn: row.versionArn }),
    ...(row.aliasArn && { stateMachineAliasArn: row.aliasArn }),
    roleArn: row.roleArn,
    startedAt: row.startedAt,
    inputText: row.input,
    type: row.type,
  });
}
