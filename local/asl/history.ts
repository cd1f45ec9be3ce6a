/**
 * The journal's vocabulary: AWS's own execution history, one entry after another.
 *
 * What `GetExecutionHistory` returns is `HistoryEvent`; what the journal stores is `JournalEntry`: the same event plus
 * the few facts that AWS keeps to itself and that a replay needs (which frame it belongs to, a drawn retry delay, a task token).
 * An entry without `event` is a fact that AWS does not show at all (a retry that is waiting for its time).
 *
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export interface HistoryEvent {
  /** Starts at 1, without gaps within an execution. */
  id: number;
  /** The event that caused this one; 0 for the first. Not always `id - 1`: branches and iterations fork the chain. */
  previousEventId: number;
  /** Milliseconds since the epoch. The endpoint turns it into the seconds (with fraction) of AWS JSON 1.0. */
  timestamp: number;
  /** `ExecutionStarted`, `TaskStateEntered`, `LambdaFunctionSucceeded`, ... */
  type: string;
  /** Exactly one details member, named as in the API (`stateEnteredEventDetails`, ...), JSON texts inside it as texts. */
  [details: `${string}EventDetails`]: Record<string, unknown> | undefined;
}

export interface JournalEntry {
  event?: HistoryEvent;
  /** Path of the frame in the frame tree: "" is the root, "0.2" the third child of the first child. */
  frame: string;
  /** When it happened, milliseconds since the epoch (also for entries without `event`). */
  at: number;
  /** What a replay needs and AWS does not show. Plain JSON, owned by the interpreter, opaque to everyone else. */
  hidden?: Record<string, unknown>;
}
