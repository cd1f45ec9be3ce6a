import { type ExecutionStatus, ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** An execution that failed, was stopped or ran out of time may be redriven for so long. https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html */
export const redriveWindowMs = 14 * 24 * 60 * 60 * 1000;

/** How executions end that may be redriven. */
export const endedBadly = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const satisfies ExecutionStatus[];

export interface Count {
  count: number;
  /** There are at least so many: counting stopped. */
  more: boolean;
}

export interface CountRequest {
  /** Of a version, an alias or a state machine. */
  stateMachineArn: string;
  statuses: readonly ExecutionStatus[];
  /** Milliseconds since the epoch: those that ended before do not count. */
  endedSince?: number;
  /** Where counting stops, default 1,000. */
  limit?: number;
}

/**
 * Counts executions page by page. The list is in the order of starts, so one that ended lately may stand anywhere: all pages
 * are read until the limit is reached. It is eventually consistent on AWS. The list of a version has what an alias started, too:
 * https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html
 */
export async function countExecutions(sfn: SFNClient, request: CountRequest): Promise<Count> {
  const { stateMachineArn, statuses, endedSince = Number.NEGATIVE_INFINITY, limit = 1000 } = request;
  let count = 0;
  for (const status of statuses) {
    for await (const { stopDate } of executionsOf(sfn, stateMachineArn, status)) {
      if (stopDate && stopDate.getTime() < endedSince) continue;
      if (count === limit) return { count, more: true };
      count += 1;
    }
  }
  return { count, more: false };
}

/** Every execution of a machine, a version or an alias in one status, newest start first. */
export async function* executionsOf(sfn: SFNClient, stateMachineArn: string, statusFilter: ExecutionStatus) {
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults: 1000, ...(nextToken && { nextToken }) }),
    );
    yield* page.executions ?? [];
    nextToken = page.nextToken;
  } while (nextToken);
}

export const writtenCount = ({ count, more }: Count): string => `${count.toLocaleString('en')}${more ? '+' : ''}`;
