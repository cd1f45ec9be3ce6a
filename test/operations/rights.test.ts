import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const prefixes: Record<string, string> = {
  'client-cloudformation': 'cloudformation',
  'client-lambda': 'lambda',
  'client-sfn': 'states',
  'lib-dynamodb': 'dynamodb',
};
/** The document client has shorter names. */
const items = new Set(['Get', 'Put', 'Update', 'Delete']);

/** Every operation that the commands import, as IAM calls it. */
function usedActions(): Set<string> {
  const actions = new Set<string>();
  for (const file of globSync('operations/**/*.ts')) {
    const imports = readFileSync(file, 'utf8').matchAll(/import \{([^}]*)\} from '@aws-sdk\/([\w-]+)'/g);
    for (const [, names, library] of imports) {
      for (const name of names!.split(',').map((one) => one.trim())) {
        const operation = /^paginate(\w+)$/.exec(name)?.[1] ?? /^(\w+)Command$/.exec(name)?.[1];
        const prefix = prefixes[library!];
        if (!operation || !prefix) continue;
        actions.add(`${prefix}:${operation}${prefix === 'dynamodb' && items.has(operation) ? 'Item' : ''}`);
      }
    }
  }
  return actions;
}

it('the rights that the runbook gives are those that the commands need', () => {
  const [, policy] = /```json\n(\{\s*"Version": "2012-10-17".*?)```/s.exec(readFileSync('docs/versioning.md', 'utf8'))!;
  const { Statement } = JSON.parse(policy!) as { Statement: { Action: string | string[] }[] };
  const given = new Set(Statement.flatMap(({ Action }) => Action));
  expect([...given].sort()).toEqual([...usedActions()].sort());
});
