import jsonata from 'jsonata';

/** Where the input of a resumed execution has what `$states.context.Execution` was in the first one. */
const inserted = '.Input.execution';

/** In an execution that is resumed these would be others than in the first one, or are not carried on. */
const notCarried = ['RedriveCount'];

/**
 * An expression `{% ... %}` with every `$states.context.Execution` turned into `$states.context.Execution.Input.execution`. It
 * is changed where JSONata's own parser found the name: text in quotes that looks like it stays.
 * @throws Error with a sentence when it cannot be told what the expression reads of the execution
 */
export function withCarriedExecution(expression: string): string {
  let changed = expression;
  for (const { end } of executionPaths(expression).reverse()) {
    changed = changed.slice(0, end) + inserted + changed.slice(end);
  }
  return changed;
}

export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}');

/** Where in the text each `$states.context.Execution` ends, in the order of the text. */
function executionPaths(expression: string): { end: number }[] {
  const found: { end: number }[] = [];
  visit(parsed(expression), undefined);
  return found.sort((a, b) => a.end - b.end);

  function visit(node: unknown, path: Step[] | undefined): void {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, path);
      return;
    }
    const { type, value, steps } = node as Step & { steps?: Step[] };
    if (type === 'variable' && value === 'states') {
      const end = endOfExecution(node as Step, path ?? []);
      if (end !== undefined) found.push({ end });
    }
    // The steps know their path; what stands in a predicate or a group does not belong to it.
    for (const inner of Object.values(node)) visit(inner, inner === steps ? steps : undefined);
  }

  function endOfExecution(variable: Step, path: Step[]): number | undefined {
    const [part, member, field] = path.slice(path.indexOf(variable) + 1);
    const isPlain = path.includes(variable) && !variable.predicate && part?.type === 'name';
    if (!isPlain) throw new Error(`${expression} uses $states as a whole: name the part of it that is meant`);
    if (part.value !== 'context') return undefined;
    if (part.stages || member?.type !== 'name') {
      throw new Error(`${expression} uses $states.context as a whole: name the part of it that is meant`);
    }
    if (member.value !== 'Execution') return undefined;
    if (field?.type === 'name' && notCarried.includes(String(field.value))) {
      throw new Error(`${expression} reads ${field.value}, which an execution that is resumed does not know`);
    }
    return member.position;
  }
}

/** As far as it is read here: https://docs.jsonata.org/embedding-extending#expressionast */
interface Step {
  type: string;
  value?: unknown;
  /** Where the token ends. */
  position: number;
  stages?: unknown;
  predicate?: unknown;
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
