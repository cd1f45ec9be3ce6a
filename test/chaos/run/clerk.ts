import {
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { parseExecutionName } from '../../../lambdas/domain/execution-name.ts';

/** What executions did, added up. */
export interface Work {
  executions: number;
  /** As Step Functions counts them for its bill: entries of states, and retries. */
  transitions: number;
  /** Tries after the first, by state. */
  retries: Record<string, number>;
  /** Why tasks failed, timed out or could not be started, by name of the error. */
  errors: Record<string, number>;
}

/** Keeps what is to be known of executions, which the runtime forgets in time. */
export interface Clerk {
  /** Writes down those that have ended since the last look, and what they did. */
  look(): Promise<void>;
  /** By order, of the last of its executions; those that run are there after a look. */
  readonly statuses: ReadonlyMap<string, string>;
  readonly work: Work;
}

/** @param machines the process's state machine, and the one in which its executions are resumed */
export function createClerk(sfn: SFNClient, machines: readonly string[]): Clerk {
  const statuses = new Map<string, string>();
  /** By order, the number of its last execution. */
  const last = new Map<string, number>();
  /** Names of executions that are written down. */
  const ended = new Set<string>();
  const work: Work = { executions: 0, transitions: 0, retries: {}, errors: {} };

  return {
    statuses,
    work,
    async look() {
      for (const stateMachineArn of machines) {
        for await (const { executions = [] } of paginateListExecutions({ client: sfn }, { stateMachineArn })) {
          for (const execution of executions) await writeDown(execution);
        }
      }
    },
  };

  async function writeDown({ name = '', status = 'RUNNING', executionArn }: ExecutionListItem): Promise<void> {
    if (ended.has(name)) return;
    if (status !== 'RUNNING') {
      // First, so that whoever is interrupted looks again.
      add(work, await history(executionArn!));
      ended.add(name);
    }
    const { orderId, number } = parseExecutionName(name);
    if (number < (last.get(orderId) ?? 0)) return;
    last.set(orderId, number);
    statuses.set(orderId, status);
  }

  async function history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    for (let nextToken: string | undefined, more = true; more; more = nextToken !== undefined) {
      const page = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: false, nextToken }),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    }
    return events;
  }
}

/** States run one after the other: what comes after the entry of a state is of that state. */
export function add(work: Work, events: readonly HistoryEvent[]): void {
  const count = (counts: Record<string, number>, name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  let state = '';
  let tries = 0;
  work.executions++;
  for (const { type = '', ...event } of events) {
    if (type.endsWith('StateEntered')) {
      state = event.stateEnteredEventDetails!.name!;
      tries = 0;
      work.transitions++;
    }
    if (type === 'TaskScheduled' && ++tries > 1) {
      work.transitions++;
      count(work.retries, state);
    }
    const failed =
      event.taskFailedEventDetails ??
      event.taskTimedOutEventDetails ??
      event.taskStartFailedEventDetails ??
      event.taskSubmitFailedEventDetails;
    if (failed) count(work.errors, failed.error ?? type);
  }
}
