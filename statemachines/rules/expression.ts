import jsonata from 'jsonata';

export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}');

/** As far as it is read here: https://docs.jsonata.org/embedding-extending#expressionast */
export interface Step {
  type: string;
  value?: unknown;
  /** Where its token ends in the expression. */
  position: number;
  stages?: unknown;
  predicate?: unknown;
}

/**
 * The steps after each `$states` of an expression, in the order of the text: of `$states.result.Payload` the names `result` and
 * `Payload`. None where `$states` stands alone, or a predicate follows it at once.
 * @throws Error with a sentence, if it is no JSONata
 */
export function statesPaths(expression: string): Step[][] {
  const found: { at: number; steps: Step[] }[] = [];
  visit(parsed(expression), []);
  return found.sort((a, b) => a.at - b.at).map(({ steps }) => steps);

  function visit(node: unknown, path: Step[]): void {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, path);
      return;
    }
    const { type, value, position, predicate, steps } = node as Step & { steps?: Step[] };
    if (type === 'variable' && value === 'states') {
      const after = path.includes(node as Step) && !predicate ? path.slice(path.indexOf(node as Step) + 1) : [];
      found.push({ at: position, steps: after });
    }
    // The steps know their path; what stands in a predicate or a group does not belong to it.
    for (const inner of Object.values(node)) visit(inner, inner === steps && steps ? steps : []);
  }
}

/** Every expression in a value, at any depth, with its place: `Output/picking`. */
export function expressionsIn(value: unknown, field: string): [field: string, expression: string][] {
  if (isExpression(value)) return [[field, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => expressionsIn(inner, `${field}/${name}`));
}

/** Names in `${...}` are read as a value of the same length, so that positions are those of the text as it is written. */
function parsed(expression: string): unknown {
  const filled = expression.replaceAll(/\$\{[A-Za-z0-9]+\}/g, ({ length }) => `(0${' '.repeat(length - 3)})`);
  try {
    return jsonata(`  ${filled.slice(2, -2)}`).ast();
  } catch (error) {
    throw new Error(`${expression} is no JSONata: ${(error as Error).message}`);
  }
}
