import { canBeRedriven } from '../asl/limits.ts';
import type { ExecutionRow } from './execution-store.ts';
import { redrivableMs } from './limits.ts';

export interface Circumstances {
  now: number;
  /** Number of events so far; asked for only when it matters. */
  lastEventId(): number;
  stateMachineExists: boolean;
}

const yearMs = 365 * 24 * 60 * 60 * 1000;

/**
 * Why an execution cannot be redriven, in the words of DescribeExecution; undefined if it can.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-eligibility
 */
export function notRedrivableReason(
  { status, startedAt, stoppedAt }: ExecutionRow,
  { now, lastEventId, stateMachineExists }: Circumstances,
): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (!stateMachineExists) return 'State machine is in DELETING status';
  if (!canBeRedriven(lastEventId())) return 'Execution history event limit exceeded';
  if (now - startedAt > yearMs) return 'Execution has exceeded the max execution time';
  if (now - (stoppedAt ?? now) > redrivableMs) return 'Execution redrivable period exceeded';
  return undefined;
}

interface UsedToken {
  token: string;
  redrivenAt: number;
}

/** "Idempotent responses for the last 10 client tokens used to successfully redrive the execution", for 15 minutes. */
const tokensKept = 10;
const tokenMs = 15 * 60 * 1000;

/** When the execution was redriven with this token, if that was lately. */
export function redrivenWith(
  { redriveTokens }: ExecutionRow,
  token: string | undefined,
  now: number,
): number | undefined {
  const used = parse(redriveTokens).find((one) => one.token === token);
  return used && now - used.redrivenAt <= tokenMs ? used.redrivenAt : undefined;
}

/** The tokens to keep after a redrive with this one, as JSON text. */
export function withToken(
  { redriveTokens }: ExecutionRow,
  token: string | undefined,
  redrivenAt: number,
): string | null {
  if (token === undefined) return redriveTokens;
  const others = parse(redriveTokens).filter((one) => one.token !== token);
  return JSON.stringify([...others, { token, redrivenAt }].slice(-tokensKept));
}

function parse(text: string | null): UsedToken[] {
  return text === null ? [] : (JSON.parse(text) as UsedToken[]);
}
