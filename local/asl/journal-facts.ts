import type { JournalEntry } from './history.ts';

/**
 * What the journal keeps beside AWS's own events (`JournalEntry.hidden`). With an event it completes the event; without one
 * `fact` says what happened. Short-lived things are not written down: they follow from the events.
 */
export interface Hidden {
  /** Of an entry without event. */
  fact?:
    | 'WaitBegan'
    | 'RetryPlanned'
    | 'TaskHeartbeat'
    | 'ChildStarted'
    | 'ReaderStarted'
    | 'ItemsKnown'
    | 'WriterStarted'
    | 'ResultsWritten'
    | 'MapRunUpdated';
  /** What happened in a child execution of a distributed Map. */
  child?: JournalEntry;
  /** ChildStarted, child: which one. */
  index?: number;
  /** ChildStarted. */
  childName?: string;
  /** WaitBegan, RetryPlanned: when to go on, milliseconds since the epoch (jitter already drawn). */
  dueAt?: number;
  /** RetryPlanned: which Retrier is used up by one. */
  retrier?: number;
  /** RetryPlanned: the failed child's last event, which the next attempt is chained to. */
  chainedTo?: number;
  /** StateExited: where to go; absent: the frame ends here. */
  next?: string;
  /** Scheduled, ReaderStarted, WriterStarted. */
  taskId?: string;
  taskToken?: string;
  /** First states: of each branch (ParallelStateStarted), of the iteration (MapIterationStarted), of the child (ChildStarted). */
  startAt?: string[];
  /**
   * ParallelStateStarted, MapIterationStarted, ChildStarted: what the children start with; ReaderStarted: what to read; WriterStarted: what to write;
   * ResultsWritten: what came of it. JSON text.
   */
  input?: string;
  /** MapStateStarted; ItemsKnown: in place of those. */
  items?: string[];
  /** MapStateStarted, MapRunUpdated. */
  maxConcurrency?: number;
  /** MapRunStarted, MapRunUpdated. */
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  /** MapRunStarted: whether what is known of the children is kept, for a ResultWriter. */
  keepsRecords?: boolean;
}
