import type jsonata from 'jsonata';

/**
 * An expression that calls itself for ever would stop the whole runtime: JSONata awaits only what is there already, so no timer
 * and no request gets its turn. Bounds on what one evaluation may do end it, in JSONata's own words and by its own hooks:
 * https://docs.jsonata.org/embedding-extending. Counted in steps, not in time: a replay on a slower machine decides the same.
 */
const mostSteps = 1_000_000;
/** Some ten per call of a function. */
const deepest = 10_000;

interface Spent {
  steps: number;
  depth: number;
}

/** A name that no expression can write. */
const spent = ' spent';

type Environment = { lookup(name: string): unknown };

/** Makes an expression keep to the bounds, which are those of each evaluation with `newBounds` among its bindings. */
export function boundEvaluations(expression: jsonata.Expression): void {
  const hook = (name: string, callback: unknown) => expression.assign(Symbol.for(name) as unknown as string, callback);
  hook('jsonata.__evaluate_entry', (_ast: unknown, _input: unknown, environment: Environment) => {
    const now = environment.lookup(spent) as Spent;
    now.steps += 1;
    now.depth += 1;
    if (now.steps > mostSteps) throw new OutOfBounds('Expression evaluation timeout: Check for infinite loop');
    if (now.depth > deepest) {
      const advice = 'Check for non-terminating recursive function.  Consider rewriting as tail-recursive.';
      throw new OutOfBounds(`Stack overflow error: ${advice}`);
    }
  });
  hook('jsonata.__evaluate_exit', (_ast: unknown, _input: unknown, environment: Environment) => {
    (environment.lookup(spent) as Spent).depth -= 1;
  });
}

export function newBounds(): Record<string, Spent> {
  return { [spent]: { steps: 0, depth: 0 } };
}

class OutOfBounds extends Error {
  readonly code = 'U1001';
}
