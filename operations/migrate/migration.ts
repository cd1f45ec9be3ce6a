import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  executionArnOf,
  machineArn,
  migratedError,
  nameOfExecution,
  resumeMachineArn,
} from '../../lambdas/domain/execution-name.ts';
import type { ResumeInput } from '../../statemachines/resume/resume-definition.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { eventually, readFinalHistory, readHistory } from './history.ts';
import type { OrderExecution } from './order-executions.ts';
import type { MigrationRecord, OrderRecords } from './record.ts';
import { isEnding, type Standing, standingOf } from './standing.ts';

/** The execution in which an order goes on: the version that is started, and with what. */
export interface NextExecution {
  versionArn: string;
  /** JSON text of its input, always the same for the same execution. */
  text: string;
  /** The state in which the order stood, and that in which it goes on. */
  from: string;
  to: string;
  /** Why it goes on in the version that it came from, if it does. */
  kept?: string;
  /** Why it begins with its first step, if it does. */
  because?: string;
}

export interface MigrationPorts {
  sfn: SFNClient;
  records: Pick<OrderRecords, 'remove'>;
  /** How an execution that stood so goes on. Throws `CannotGoOn` if it is not possible in any version. */
  next(record: MigrationRecord, standing: Standing, startTime: string): Promise<NextExecution>;
  /** Called before the record goes: a list of executions need not have yet what was started on this version. */
  startedOn(versionArn: string): Promise<void>;
}

export type Outcome =
  | {
      kind: 'moved';
      executionArn: string;
      from: string;
      to: string;
      kept?: string;
      because?: string;
      /** Somebody had the old execution go on meanwhile, in the console for example: it was stopped again. */
      revived?: true;
    }
  /** The execution came to an end of its own before it was stopped, or runs again: nothing is started. */
  | { kind: 'ended'; status: Standing['status']; error?: string };

/** What was seen of an execution just now: it runs. */
export type Seen = Pick<OrderExecution, 'startTime' | 'redriveCount'>;

/**
 * Has one order go on in another execution. Between any two of these writes the command may be killed, and whoever runs it again
 * goes on; two who do it at once do no harm, because each write is one that can be repeated:
 *
 * 1. `records.put`: this order, from this execution to the one of that name. No other command is at it until 6.
 * 2. StopExecution, of one that runs. Its error and cause say where the order went.
 * 3. The history is read now that nothing can be added to it: the order may have moved on since it was looked at (an answer, a
 *    timeout, even its end, a redrive), and it goes on where it stood in the end. A step that was under way may still be
 *    running, in its Lambda: the step that is entered again waits for it, and finds what it did.
 * 4. StartExecution, with a name that follows from that of the one before: it is taken once, whoever starts it.
 * 5. The old execution is looked at once more. No command of ours redrives it now, but a console does not ask: then it is
 *    stopped again, because the one of the higher number is the order's.
 * 6. `records.remove`.
 *
 * An answer that comes in between stays in its wait, and is delivered to the token of the execution that goes on.
 */
export async function finishMigration(record: MigrationRecord, ports: MigrationPorts, seen?: Seen): Promise<Outcome> {
  const { sfn, records } = ports;
  const execution = seen ?? (await describe(sfn, record.from));
  if (!execution) {
    await records.remove(record);
    return { kind: 'ended', status: 'ABORTED', error: 'it is older than Step Functions remembers' };
  }
  const standing = record.kind === 'move' ? await stop(sfn, record, seen) : await standingNow(sfn, record);
  if (!goesOn(record, standing)) {
    await records.remove(record);
    return { kind: 'ended', status: standing.status, ...(standing.error !== undefined && { error: standing.error }) };
  }
  const successor = seen ? undefined : await successorOf(sfn, record);
  if (successor) {
    await records.remove(record);
    return successor;
  }
  const { from, to, kept, because, ...next } = await ports.next(record, standing, execution.startTime);
  const executionArn = await startOnce(sfn, { ...next, name: record.name, from: record.from });
  // Whoever comes when the record is gone has to see that this order has another execution than the one that failed.
  if (record.kind === 'restart') await untilItCanBeRead(sfn, executionArn);
  const revived = await stopIfRevived(sfn, record, execution.redriveCount, executionArn);
  await ports.startedOn(next.versionArn);
  await records.remove(record);
  return {
    kind: 'moved',
    executionArn,
    from,
    to,
    ...(kept && { kept }),
    ...(because && { because }),
    ...(revived && { revived }),
  };
}

const standingNow = async (sfn: SFNClient, { from }: MigrationRecord) => standingOf(await readHistory(sfn, from));

async function stop(sfn: SFNClient, record: MigrationRecord, seen: Seen | undefined): Promise<Standing> {
  if (seen || !isEnding((await readHistory(sfn, record.from)).at(-1))) {
    const cause = executionArnOf(resumeMachineArn(record.toVersion), record.name);
    await sfn.send(new StopExecutionCommand({ executionArn: record.from, error: migratedError, cause }));
  }
  return standingOf(await readFinalHistory(sfn, record.from));
}

const goesOn = ({ kind }: MigrationRecord, { status, error }: Standing): boolean =>
  kind === 'move' ? status === 'ABORTED' && error === migratedError : status !== 'RUNNING' && status !== 'SUCCEEDED';

/** Whether it was: since `redriveCount` was read it has been redriven, and runs beside the one that goes on for it. */
async function stopIfRevived(
  sfn: SFNClient,
  { from }: MigrationRecord,
  redriveCount: number,
  next: string,
): Promise<true | undefined> {
  const found = await describe(sfn, from);
  if (found?.status !== 'RUNNING' || found.redriveCount === redriveCount) return undefined;
  await sfn.send(new StopExecutionCommand({ executionArn: from, error: migratedError, cause: next }));
  return true;
}

/**
 * What goes on for an order already: started by whoever found the record too, by an earlier run, or by a person by hand, on
 * whichever machine: each refuses a name that it has itself, and none that the other one has.
 */
async function successorOf(sfn: SFNClient, record: MigrationRecord): Promise<Outcome | undefined> {
  const { from, name, toVersion } = record;
  const resumed = executionArnOf(resumeMachineArn(toVersion), name);
  const found = await describe(sfn, resumed);
  if (found) {
    const { resumeAt = itsStart, resumedFrom } = resumeInputOf(found.input);
    return { kind: 'moved', executionArn: resumed, from: resumedFrom?.state ?? nameOfExecution(from), to: resumeAt };
  }
  const begun = executionArnOf(machineArn(toVersion), name);
  if (!(await describe(sfn, begun))) return undefined;
  return { kind: 'moved', executionArn: begun, from: nameOfExecution(from), to: itsStart };
}

const itsStart = 'its start';

/** Nothing of an execution that a person started there with something else. */
const resumeInputOf = (text = '{}') => JSON.parse(text) as Partial<ResumeInput>;

/** Starts an execution under this name, or finds that it was started before: by a run that did not get the reply. */
export async function startOnce(
  sfn: SFNClient,
  { versionArn, name, text, from }: { versionArn: string; name: string; text: string; from: string },
): Promise<string> {
  try {
    const started = await sfn.send(new StartExecutionCommand({ stateMachineArn: versionArn, name, input: text }));
    return started.executionArn!;
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    const executionArn = executionArnOf(machineArn(versionArn), name);
    const { input } = await describeTaken(sfn, executionArn);
    if (input === text || resumeInputOf(input).resumedFrom?.executionArn === from) return executionArn;
    throw new CannotGoOn(
      `${nameOfExecution(executionArn)} exists and is not what goes on for ${from}: an execution that was started by hand has ` +
        'taken its name. Start the order again under the next free number (docs/operations.md).',
    );
  }
}

/** Whoever has a name that was refused. Step Functions reads eventually: for a moment it can refuse a name and not know it yet. */
async function describeTaken(sfn: SFNClient, executionArn: string): Promise<Described> {
  const found = await describe(sfn, executionArn);
  if (found) return found;
  const name = nameOfExecution(executionArn);
  throw new CannotGoOn(`${name} was started before and cannot be read yet. Run the command again.`);
}

const untilItCanBeRead = (sfn: SFNClient, executionArn: string): Promise<void> =>
  eventually(
    async () => (await describe(sfn, executionArn)) !== undefined,
    `${nameOfExecution(executionArn)} was started and cannot be read yet. Run the command again.`,
  );

interface Described {
  input: string;
  startTime: string;
  status: string;
  redriveCount: number;
}

/** Undefined: there is none, or it ended over 90 days ago. */
export async function describe(sfn: SFNClient, executionArn: string): Promise<Described | undefined> {
  try {
    const {
      input,
      startDate,
      status,
      redriveCount = 0,
    } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return { input: input!, startTime: startDate!.toISOString(), status: status!, redriveCount };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
