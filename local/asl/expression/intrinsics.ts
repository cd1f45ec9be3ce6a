import type { Json } from './json-text.ts';
import type { PathScope } from './path-scope.ts';

/** Where random values come from (`Surroundings` has both). */
export interface IntrinsicSources {
  /** 0 <= n < 1 */
  random(): number;
  uuid(): string;
}

/**
 * Evaluates a call such as `States.Format('Hi {}', $.name)`.
 * @throws ExpressionFailed States.IntrinsicFailure
 */
export function evaluateIntrinsic(call: string, scope: PathScope, sources: IntrinsicSources): Json {
  throw new Error('not yet');
}
