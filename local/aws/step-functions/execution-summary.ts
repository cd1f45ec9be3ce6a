import type { ExecutionRow } from '../../engine/execution-store.ts';
import { optional, seconds } from './answer.ts';

/** What DescribeExecution and ListExecutions both say of an execution. */
export function executionSummary(row: ExecutionRow) {
  return {
    executionArn: row.arn,
    stateMachineArn: row.stateMachineArn,
    ...optional('stateMachineVersionArn', row.versionArn),
    ...optional('stateMachineAliasArn', row.aliasArn),
    name: row.name,
    status: row.status,
    startDate: seconds(row.startedAt),
    ...optional('stopDate', row.stoppedAt === null ? undefined : seconds(row.stoppedAt)),
    redriveCount: row.redriveCount,
    ...optional('redriveDate', row.redrivenAt === null ? undefined : seconds(row.redrivenAt)),
  };
}
