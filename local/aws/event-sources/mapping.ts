/** An event source mapping as plain data; the defaults are those of the service. */
export interface EventSourceMapping {
  /** Of the queue, or of the stream; shown to the function. */
  eventSourceArn: string;
  /** Name or ARN, with a qualifier if it is to be one. */
  functionName: string;
  /** Default 10 for a queue, 100 for a stream. */
  batchSize?: number;
  maximumBatchingWindowSeconds?: number;
  /** FunctionResponseTypes contains `ReportBatchItemFailures`. */
  reportBatchItemFailures?: boolean;
  /** The patterns of FilterCriteria, each JSON text; a record passes if one matches. */
  filterPatterns?: readonly string[];

  /** Queue only: most batches in hand at the same time. */
  maximumConcurrency?: number;

  /** Stream only, as all below. Default TRIM_HORIZON. */
  startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  bisectBatchOnFunctionError?: boolean;
  /** -1, the default: without end. */
  maximumRetryAttempts?: number;
  /** -1, the default: without end. */
  maximumRecordAgeSeconds?: number;
  /** ARN of the queue that is told of a discarded batch. */
  onFailureArn?: string;
}

/** What the runtime does with a source besides stopping it. */
export interface EventSource {
  name: string;
  stop(): Promise<void>;
  /** Nothing more is handed out. Resolves when what was in hand is done with, or after a grace; everything else stays in the source. */
  disable(): Promise<void>;
  /** Goes on where it was. */
  enable(): Promise<void>;
  /**
   * Resolves when everything that is there and needs no time to pass was handed to the function; true if it had to wait. For the clock,
   * which lets work end before it moves on. Not `thorough` (the default is): what nobody here can have heard of may be missed.
   */
  settle(thorough?: boolean): Promise<boolean>;
}
