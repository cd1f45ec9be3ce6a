import { ExpressionFailed } from './errors.ts';
import { formatText } from './format-text.ts';
import { intrinsicFunctions } from './intrinsic-functions.ts';
import { type IntrinsicArgument, type IntrinsicCall, parseIntrinsic } from './intrinsic-parser.ts';
import { IntrinsicRefused } from './intrinsic-refused.ts';
import type { IntrinsicSources } from './intrinsic-sources.ts';
import { findPath } from './json-path.ts';
import type { Json } from './json-text.ts';
import type { PathScope } from './path-scope.ts';

/**
 * Evaluates a call such as `States.Format('Hi {}', $.name)`.
 * @throws ExpressionFailed States.IntrinsicFailure, or States.Runtime if a path among the arguments leads nowhere
 */
export function evaluateIntrinsic(call: string, scope: PathScope, sources: IntrinsicSources): Json {
  return evaluateCall(parseIntrinsic(call), scope, sources);
}

function evaluateCall(call: IntrinsicCall, scope: PathScope, sources: IntrinsicSources): Json {
  const values = call.arguments.map((argument) => evaluateArgument(argument, scope, sources));
  try {
    if (call.name === 'Format') return formatText(values, call.arguments[0]!);
    return intrinsicFunctions[call.name]!(values, sources);
  } catch (error) {
    if (!(error instanceof IntrinsicRefused)) throw error;
    throw new ExpressionFailed(
      'States.IntrinsicFailure',
      `The function '${call.text}' had the following error: ${error.message}`,
    );
  }
}

function evaluateArgument(argument: IntrinsicArgument, scope: PathScope, sources: IntrinsicSources): Json {
  if (argument.type === 'literal') return argument.value;
  if (argument.type === 'call') return evaluateCall(argument.call, scope, sources);
  const value = findPath(argument.path, scope);
  if (value !== undefined) return value;
  const document = JSON.stringify(argument.path.startsWith('$$') ? scope.context : scope.input);
  throw new ExpressionFailed(
    'States.Runtime',
    `The JsonPath argument for the field '${argument.path}' could not be found in the input '${document}'`,
  );
}
