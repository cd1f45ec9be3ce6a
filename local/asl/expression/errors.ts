/** The errors that an expression can cause a state to fail with; names as Retry and Catch match them. */
export type ExpressionErrorName =
  | 'States.Runtime'
  | 'States.ParameterPathFailure'
  | 'States.ResultPathMatchFailure'
  | 'States.IntrinsicFailure'
  | 'States.QueryEvaluationError';

/**
 * An expression failed while a state was executed. `message` is the Cause as AWS words it, without the sentence in front
 * ("An error occurred while executing the state 'S' (entered at the event id #n). "), which only the interpreter can write.
 */
export class ExpressionFailed extends Error {
  override readonly name = 'ExpressionFailed';
  /** The error name that Retry and Catch see. */
  readonly error: ExpressionErrorName;
  /**
   * For `States.QueryEvaluationError`: what `EvaluationFailed` logs as `location` (such as `Output/result`).
   * Undefined for the other errors, which log no event of their own.
   */
  readonly location: string | undefined;

  constructor(error: ExpressionErrorName, cause: string, location?: string) {
    super(cause);
    this.error = error;
    this.location = location;
  }
}

/** An expression that can not be evaluated at all: the machine's author must change it. Found while parsing the machine. */
export class InvalidExpression extends Error {
  override readonly name = 'InvalidExpression';
}
