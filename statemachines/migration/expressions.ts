import jsonata from 'jsonata';
import { checkExpression, sourceOf } from '../../local/asl/expression/jsonata.ts';
import { expressionsIn } from '../rules/expression.ts';
import type { Finding } from '../rules/finding.ts';
import type { MappedState } from './mapping.ts';

/** What an expression of a mapping can see, without the `$`. */
export const visible = ['state', 'input', 'variables', 'execution'];

/** A move that was interrupted is made again, and has to come to the same input. */
const different = ['now', 'millis', 'random', 'uuid', 'shuffle'];

/** Every expression can be read, sees nothing that there is not, and gives the same whenever it is evaluated. */
export function expressionFindings({ input, variables }: MappedState): Finding[] {
  return [...expressionsIn(input, 'input'), ...expressionsIn(variables, 'variables')].flatMap(([field, expression]) => {
    try {
      const unknown = checkExpression(expression).variables.filter((name) => !visible.includes(name));
      const changing = different.filter((name) => calls(jsonata(sourceOf(expression)).ast(), name));
      const names = [...unknown, ...changing].map((name) => `$${name}`).join(', ');
      if (names === '') return [];
      const expected = `${visible.map((name) => `$${name}`).join(', ')}, and no function that gives something else each time`;
      return [{ field, found: names, expected }];
    } catch (error) {
      return [{ field, found: (error as Error).message, expected: 'JSONata' }];
    }
  });
}

function calls(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { type, value } = node as { type?: unknown; value?: unknown };
  return (type === 'variable' && value === name) || Object.values(node).some((inner) => calls(inner, name));
}
