import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const sources = ['bin', 'lib', 'statemachines', 'lambdas', 'local', 'operations', 'examples', 'bench', 'test'];
const files = globSync(
  sources.map((folder) => `${folder}/**/*.{ts,mjs,js}`),
  { cwd: root },
).map((file) => file.split(sep).join('/'));

/** Static and dynamic imports and re-exports; a specifier that is computed cannot be seen. */
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/g;

const specifiersOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3]!);

/** Our files that a file imports, from the project's root. */
const imports = new Map(
  files.map((file) => [
    file,
    specifiersOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(dirname(file), specifier).split(sep).join('/')),
  ]),
);

/**
 * What the files under a path may import of ours. The longest path that fits a file counts; its own folder is always
 * allowed. This is the tree of the README, as a rule.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'bin/': ['lib/'],
  'lib/': ['statemachines/', 'lambdas/env.ts', 'lambdas/domain/wait-times.ts'],
  // A setting that a function reads as JSON is checked by the function's own schema before it is deployed.
  'lib/settings.ts': ['lib/', 'lambdas/env.ts', 'lambdas/domain/carrier-shipment.ts'],
  'statemachines/': [],
  // The linter brings together what it compares: the definition, its rows, the interpreter's checks and our error names.
  'statemachines/process-findings.ts': ['statemachines/', 'local/asl/', 'lambdas/domain/errors.ts'],
  // The expressions of a mapping are evaluated as the interpreter evaluates those of a definition.
  'statemachines/migration/': ['statemachines/', 'local/asl/'],
  'lambdas/env.ts': [],
  'lambdas/domain/': [],
  'lambdas/adapters/': ['lambdas/domain/', 'lambdas/env.ts'],
  'lambdas/middleware/': ['lambdas/adapters/', 'lambdas/domain/', 'lambdas/env.ts'],
  'lambdas/api/': ['lambdas/adapters/', 'lambdas/domain/', 'lambdas/middleware/', 'lambdas/env.ts'],
  'lambdas/steps/': ['lambdas/adapters/', 'lambdas/domain/', 'lambdas/middleware/', 'lambdas/env.ts'],
  'lambdas/waits/': ['lambdas/adapters/', 'lambdas/domain/', 'lambdas/middleware/', 'lambdas/env.ts'],
  'local/': [],
  'local/asl/': [],
  'local/engine/': ['local/'],
  'local/template/': ['local/'],
  'local/aws/': ['local/'],
  // Commands for operators reach a stack over the wire, wherever it runs.
  'operations/': [
    'local/running-runtime.ts',
    'local/cannot-start.ts',
    'statemachines/',
    'lambdas/domain/',
    'lambdas/adapters/',
  ],
  // The demo lets the time of a wait pass, and that is said in one place.
  'examples/': ['local/', 'statemachines/order-fulfillment.steps.ts'],
  'bench/': ['examples/', 'local/', 'statemachines/'],
  'test/': ['bin/', 'lib/', 'statemachines/', 'lambdas/', 'local/', 'operations/', 'examples/', 'bench/'],
};

const ruleOf = (file: string): string =>
  Object.keys(allowed)
    .filter((prefix) => file.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0]!;

describe('imports', () => {
  it.each(Object.keys(allowed))('of %s point the way that the house says', (rule) => {
    const wrong = files
      .filter((file) => ruleOf(file) === rule)
      .flatMap((file) =>
        imports
          .get(file)!
          .filter((target) => ![rule, ...allowed[rule]!].some((prefix) => target.startsWith(prefix)))
          .map((target) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('have no cycles', () => {
    expect(cycles()).toEqual([]);
  });

  it('of zod in a Lambda can be tree-shaken: `import * as z`, 380 KB less in each bundle than `import { z }`', () => {
    const wrong = files.filter(
      (file) =>
        file.startsWith('lambdas/') &&
        /import\s+(type\s+)?\{[^}]*\}\s*from 'zod'/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });
});

/** Each cycle once, as the files in it. */
function cycles(): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    state.set(file, 'done');
  };
  for (const file of files) visit(file);
  return found;
}

describe('names', () => {
  it('of folders say what is in them', () => {
    const vague = ['utils', 'util', 'helpers', 'services', 'common', 'types', 'misc'];
    const folders = new Set(files.map((file) => dirname(file)));
    expect([...folders].filter((folder) => folder.split('/').some((part) => vague.includes(part)))).toEqual([]);
  });

  it('of files are in kebab case, and none is a barrel', () => {
    const wrong = files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(basename(file)));
    expect(wrong).toEqual([]);
    expect(files.filter((file) => /^index\./.test(basename(file)))).toEqual([]);
  });

  it('of constructs are those of their files', () => {
    const wrong = files
      .filter((file) => file.startsWith('lib/'))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), 'utf8');
        const names = [...text.matchAll(/^export class (\w+) extends (?:Construct|Stack|LambdaFunction)\b/gm)];
        return names.map((match) => [file, `lib/${kebabCase(match[1]!)}.ts`]).filter(([is, should]) => is !== should);
      });
    expect(wrong).toEqual([]);
  });
});

describe.each(globSync('statemachines/*.asl.json', { cwd: root }))('%s', (file) => {
  const { States: states } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
    States: Record<string, { Type: string; Resource?: string }>;
  };
  const runsLambda = Object.keys(states).filter((name) => states[name]!.Resource?.includes(':lambda:invoke'));

  it('has one handler file of the same name per Task state that runs a Lambda', async () => {
    const { steps } = await import(join(root, file.replace('.asl.json', '.steps.ts')));
    for (const name of runsLambda) expect(basename(steps[name].handler)).toBe(`${kebabCase(name)}.ts`);
  });
});

it('every file in lambdas/steps is the handler of a state of some process', async () => {
  const rows = await Promise.all(
    globSync('statemachines/*.steps.ts', { cwd: root }).map(async (file) => (await import(join(root, file))).steps),
  );
  const handlers = rows.flatMap((steps) => Object.values<{ handler: string }>(steps).map(({ handler }) => handler));
  expect(files.filter((file) => file.startsWith('lambdas/steps/') && !handlers.includes(file))).toEqual([]);
});

/** `ChargePayment` -> `charge-payment` */
function kebabCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
