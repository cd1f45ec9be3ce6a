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
import { readFinalHistory, readHistory } from './history.ts';
import type { MigrationRecord, MigrationRecords } from './record.ts';
import { isEnding, type Standing, standingOf } from './standing.ts';

/** How an order goes on: the version of the resume machine that is started, and with what. */
export interface Resumption {
  versionArn: string;
  input: ResumeInput;
  /** JSON text of it, always the same for the same execution. */
  text: string;
  /** Why it goes on in the version that it came from, if it does. */
  kept?: string;
}

export interface MigrationPorts {
  sfn: SFNClient;
  records: MigrationRecords;
  /** How an execution that stood so is resumed. Throws `CannotGoOn` if it is not possible in any version. */
  resumption(record: MigrationRecord, standing: Standing, startTime: string): Promise<Resumption>;
}

export type Outcome =
  | { kind: 'moved'; executionArn: string; from: string; to: string; kept?: string }
  /** The execution came to an end of its own before it was stopped: nothing is moved. */
  | { kind: 'ended'; status: Standing['status']; error?: string };

/** What was seen of an execution just now: it runs. */
export interface Seen {
  /** ISO 8601 */
  startTime: string;
}

/**
 * Moves one order. Between any two of these writes the command may be killed, and whoever runs it again goes on; two who do it
 * at once do no harm, because each write is one that can be repeated:
 *
 * 1. `records.put`: the order is being moved, from this execution to the one of that name.
 * 2. StopExecution. Its error and cause say where the order went.
 * 3. The history is read now that nothing can be added to it: the order may have moved on since it was looked at (an answer, a
 *    timeout, even its end), and it goes on where it stood in the end. A step that was under way may still be running, in its
 *    Lambda: the step that is entered again waits for it, and finds what it did.
 * 4. StartExecution, with a name that follows from that of the one before: it is taken once, whoever starts it.
 * 5. `records.remove`.
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
  const next = executionArnOf(resumeMachineArn(record.toVersion), record.name);
  if (seen || !isEnding((await readHistory(sfn, record.from)).at(-1))) {
    await sfn.send(new StopExecutionCommand({ executionArn: record.from, error: migratedError, cause: next }));
  }
  const standing = standingOf(await readFinalHistory(sfn, record.from));
  if (standing.status !== 'ABORTED' || standing.error !== migratedError) {
    await records.remove(record);
    return { kind: 'ended', status: standing.status, ...(standing.error !== undefined && { error: standing.error }) };
  }
  const successor = seen ? undefined : await successorOf(sfn, record);
  if (successor) {
    await records.remove(record);
    return successor;
  }
  const resumption = await ports.resumption(record, standing, execution.startTime);
  await startOnce(sfn, { ...resumption, name: record.name, from: record.from });
  await records.remove(record);
  const { resumeAt, resumedFrom } = resumption.input;
  const { kept } = resumption;
  return { kind: 'moved', executionArn: next, from: resumedFrom.state, to: resumeAt, ...(kept && { kept }) };
}

/**
 * What goes on for an order whose record is old: a later restart may have started it, or a person by hand, on the process's own
 * machine, which refuses no name that the other has taken.
 */
async function successorOf(sfn: SFNClient, record: MigrationRecord): Promise<Outcome | undefined> {
  const { from, name, toVersion } = record;
  const resumed = executionArnOf(resumeMachineArn(toVersion), name);
  const byHand = executionArnOf(machineArn(toVersion), name);
  const { resumeAt = '', resumedFrom } = resumeInputOf((await describe(sfn, resumed))?.input);
  if (resumedFrom?.executionArn === from) {
    return { kind: 'moved', executionArn: resumed, from: resumedFrom.state, to: resumeAt };
  }
  if (!(await describe(sfn, byHand))) return undefined;
  return { kind: 'moved', executionArn: byHand, from: nameOfExecution(from), to: 'its start, by hand' };
}

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
    const { resumedFrom } = resumeInputOf(input);
    if (resumedFrom?.executionArn === from) return executionArn;
    throw new CannotGoOn(
      `${nameOfExecution(executionArn)} exists and is not what goes on for ${from}: an execution that was started by hand has ` +
        'taken its name. Start the order again under the next free number (docs/operations.md).',
    );
  }
}

/** Whoever has a name that was refused. Step Functions reads eventually: for a moment it can refuse a name and not know it yet. */
export async function describeTaken(sfn: SFNClient, executionArn: string): Promise<Described> {
  const found = await describe(sfn, executionArn);
  if (found) return found;
  const name = nameOfExecution(executionArn);
  throw new CannotGoOn(`${name} was started before and cannot be read yet. Run the command again.`);
}

interface Described {
  input: string;
  startTime: string;
  status: string;
  error?: string;
}

/** Undefined: there is none, or it ended over 90 days ago. */
export async function describe(sfn: SFNClient, executionArn: string): Promise<Described | undefined> {
  try {
    const { input, startDate, status, error } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return {
      input: input!,
      startTime: startDate!.toISOString(),
      status: status!,
      ...(error !== undefined && { error }),
    };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
