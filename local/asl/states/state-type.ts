import type { Position } from '../run.ts';

/** What every state type can do. A failure is thrown (StateFailed, ExpressionFailed); Retry and Catch are the caller's. */
export interface StateType {
  /** After StateEntered was logged, and again for every retry. */
  enter(position: Position): Promise<void> | void;
  /** The time that it waits for has come. */
  elapsed?(position: Position): Promise<void> | void;
  /** The execution is redriven after it ended with `error`, and this state was not left. Without this, `enter` again. */
  redrive?(position: Position, error: string | undefined): Promise<void> | void;
  /** A child has finished. */
  resume?(position: Position): Promise<void> | void;
}
