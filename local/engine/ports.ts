/** What the engine and the AWS front ends need from each other. Small, owned here, implemented elsewhere. */

/** The movable time of the whole runtime. Its offset is stored, so that a restart goes on in the same time. */
export interface Clock {
  /** Milliseconds since the epoch, wall clock plus `offsetMs()`. Never goes back. */
  now(): number;
  offsetMs(): number;
  /** Moves time forward and fires everything that became due, earliest first; resolves when all of it was handed out. */
  advance(deltaMs: number): Promise<void>;
  /** Calls back once when `now()` reaches `dueAt`. Dispose to cancel. */
  at(dueAt: number, callback: () => void): Disposable;
}

export interface FunctionResult {
  /** 200, or 202 for an asynchronous invocation. */
  statusCode: number;
  /** `Unhandled` when the function failed; then `payload` is the error object. */
  functionError?: 'Unhandled';
  /** JSON text. */
  payload: string;
  executedVersion: string;
  requestId: string;
}

/** Throws `ServiceError` (below) for what the Lambda service itself answers: unknown function, throttled, payload too large. */
export interface FunctionInvoker {
  /** `functionName`: name, ARN, or either with `:version` / `:alias`; `payload` is JSON text. */
  invoke(
    functionName: string,
    payload: string,
    options?: { qualifier?: string; signal?: AbortSignal },
  ): Promise<FunctionResult>;
}

/** An error answer of an AWS service: `name` is the error code of the API model (`ExecutionAlreadyExists`). */
export class ServiceError extends Error {
  readonly statusCode: number;
  constructor(name: string, message: string, statusCode = 400) {
    super(message);
    this.name = name;
    this.statusCode = statusCode;
  }
}

/** One entry of the ordered start list; stopped in reverse. */
export interface Service {
  name: string;
  stop(): Promise<void>;
}
