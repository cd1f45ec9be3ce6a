import { ExpressionFailed } from './expression/errors.ts';
import { isTooLong } from './limits.ts';
import { findNestingProblem } from './nesting.ts';
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

/** An expression gave what the field cannot be. As recorded, this EvaluationFailed is chained to StateEntered. */
export function unusableResult(position: Position, sentence: string, location: string): StateFailed {
  const cause = located(position, sentence);
  logEvaluationFailed(position, cause, location, position.active.enteredEventId);
  return new StateFailed({ error: 'States.QueryEvaluationError', cause });
}

/** @throws StateFailed */
export function refuseExcess(text: string, producer: string): void {
  const excess = excessOf(text, producer);
  if (excess) throw new StateFailed(excess);
}

/** What is too much about a JSON text that a state or task gives; undefined if nothing is. */
export function excessOf(text: string, producer: string): Failure | undefined {
  const error = 'States.DataLimitExceeded';
  if (isTooLong(text)) {
    const cause = `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    return { error, cause };
  }
  const tooDeep = findNestingProblem(text);
  return (
    tooDeep && { error, cause: `The state/task '${producer}' returned a result that is too deep. ${tooDeep.message}` }
  );
}

/** What a thrown value means for the state; anything but a failure of the state is a defect and thrown on. */
export function failureOf(position: Position, thrown: unknown): Failure {
  if (thrown instanceof StateFailed) return thrown.failure;
  if (!(thrown instanceof ExpressionFailed)) throw thrown;
  const { error } = thrown;
  const cause = located(position, thrown.message);
  if (error === 'States.QueryEvaluationError') {
    logEvaluationFailed(position, cause, thrown.location, causeOf(position));
  }
  return error === 'States.Runtime' ? { error, cause, terminal: true } : { error, cause };
}

/** As recorded: an expression that fails right after StateEntered skips that event in the chain. */
function causeOf({ active, line }: Position): number {
  const last = line.at(-1)?.lastEventId ?? 0;
  return last === active.enteredEventId ? active.causeEventId : last;
}

function logEvaluationFailed(
  position: Position,
  cause: string,
  location: string | undefined,
  previousEventId: number,
): void {
  const { run, path, state } = position;
  const error = 'States.QueryEvaluationError';
  const details = { cause, error, ...(location !== undefined && { location }), state: state.name };
  log(run, path, 'EvaluationFailed', details, { previousEventId });
}

function located({ run, active, state }: Position, sentence: string): string {
  // As recorded: TestState, which shows no events, leaves the place out.
  if (run.surroundings.inspect) return sentence;
  return `An error occurred while executing the state '${state.name}' (entered at the event id #${active.enteredEventId}). ${sentence}`;
}
