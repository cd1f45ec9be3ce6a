import { type Step, statesPaths } from '../rules/expression.ts';

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
  const ends = statesPaths(expression).flatMap((steps) => endOfExecution(expression, steps) ?? []);
  return ends.reduceRight((text, end) => text.slice(0, end) + inserted + text.slice(end), expression);
}

/** The other way round. */
export const withoutCarriedExecution = (expression: string): string =>
  expression.replaceAll(`$states.context.Execution${inserted}`, '$states.context.Execution');

/** Where in the text a `$states.context.Execution` ends; undefined for what is none. */
function endOfExecution(expression: string, [part, member, field]: Step[]): number | undefined {
  if (part?.type !== 'name') {
    throw new Error(`${expression} uses $states as a whole: name the part of it that is meant`);
  }
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
