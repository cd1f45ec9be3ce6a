import { ExpressionFailed } from './expression/errors.ts';
import { isTooLong } from './limits.ts';
import { log, type Position } from './run.ts';

/** Why a state failed, as Retry, Catch and the history see it. */
export interface Failure {
  error?: string;
  cause?: string;
  /** No heartbeat came: the error is States.Timeout, but ErrorEquals may also name it States.HeartbeatTimeout. */
  missedHeartbeat?: true;
  /** The interpreter's own States.Runtime: no Retrier or Catcher helps, anywhere up the tree. */
  terminal?: true;
}

/** Thrown while a state is executed; caught where the state was entered. */
export class StateFailed extends Error {
  override readonly name = 'StateFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.cause ?? failure.error ?? 'failed');
    this.failure = failure;
  }
}

/** A States.Runtime failure; the sentence that names the state is put in front. */
export function runtimeFailure(position: Position, sentence: string): StateFailed {
  return new StateFailed({ error: 'States.Runtime', cause: located(position, sentence), terminal: true });
}

/** @throws StateFailed */
export function refuseTooLong(text: string, producer: string): void {
  if (!isTooLong(text)) return;
  throw new StateFailed({ error: 'States.DataLimitExceeded', cause: dataLimitCause(producer) });
}

export function dataLimitCause(producer: string): string {
  return `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`;
}

/** What a thrown value means for the state; anything but a failure of the state is a defect and thrown on. */
export function failureOf(position: Position, thrown: unknown): Failure {
  if (thrown instanceof StateFailed) return thrown.failure;
  if (!(thrown instanceof ExpressionFailed)) throw thrown;
  const { error } = thrown;
  const cause = located(position, thrown.message);
  if (error === 'States.QueryEvaluationError') logEvaluationFailed(position, cause, thrown.location);
  return error === 'States.Runtime' ? { error, cause, terminal: true } : { error, cause };
}

function logEvaluationFailed({ run, path, active, state, line }: Position, cause: string, location?: string): void {
  const error = 'States.QueryEvaluationError';
  const details = { cause, error, ...(location !== undefined && { location }), state: state.name };
  // As recorded: the event skips its state's StateEntered event.
  const last = line.at(-1)?.lastEventId ?? 0;
  const previousEventId = last === active.enteredEventId ? active.causeEventId : last;
  log(run, path, 'EvaluationFailed', details, { previousEventId });
}

function located({ active, state }: Position, sentence: string): string {
  return `An error occurred while executing the state '${state.name}' (entered at the event id #${active.enteredEventId}). ${sentence}`;
}
