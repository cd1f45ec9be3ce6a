import type { JournalEntry } from './history.ts';
import type { Machine } from './machine.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One running or ended execution: plain JSON data, nothing that a journal could not store. Never changed in place. */
export interface Execution {
  executionArn: string;
  executionName: string;
  stateMachineArn: string;
  stateMachineName: string;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  roleArn: string;
  type: 'STANDARD' | 'EXPRESS';
  startedAt: number;
  /** Set together with a final status. */
  stoppedAt?: number;
  /** JSON text, as given to StartExecution. */
  input: string;
  status: ExecutionStatus;
  /** JSON text, when SUCCEEDED. */
  output?: string;
  error?: string;
  cause?: string;
  /** 0 before ExecutionStarted. */
  lastEventId: number;
}

export interface NewExecution {
  machine: Machine;
  executionArn: string;
  executionName: string;
  stateMachineArn: string;
  stateMachineName: string;
  /** When started through a version or an alias (the version that the alias chose, then). */
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  roleArn: string;
  startedAt: number;
  /** JSON text; `{}` when StartExecution got none. */
  inputText: string;
  type: 'STANDARD' | 'EXPRESS';
}

export function newExecution(options: NewExecution): Execution {
  throw new Error(`not yet: ${options.executionArn}`);
}

/** The only place that changes state. `execution` itself stays as it is. */
export function evolve(execution: Execution, entry: JournalEntry): Execution {
  throw new Error(`not yet: ${execution.executionArn} ${entry.frame}`);
}
