import fc, { type Arbitrary } from 'fast-check';
import type { Definition } from './arbitrary-definition.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface Spot {
  parent: Parent;
  name: string;
}
type Parent = Json[] | { [name: string]: Json };

/** One change of a definition, somewhere. `place` and `value` are taken modulo what there is. */
interface Mutation {
  kind: 'drop' | 'replace' | 'rename' | 'repeat' | 'swap' | 'retarget' | 'retype';
  place: number;
  other: number;
  value: Json;
}

const values = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1.5,
    1e21,
    '',
    'x',
    [],
    {},
    [null],
    [[]],
    { a: 1 },
    '$',
    '$.',
    '$..',
    '$[',
    '$$',
  ),
  fc.constantFrom<Json>(
    '$.a[?(@.b==1)]',
    'States.Format(',
    'States.UUID()',
    'States.None($)',
    '{% ( %}',
    '{%%}',
    '{% $x %}',
  ),
  fc.constantFrom<Json>(
    'constructor',
    '__proto__',
    'toString',
    'Task',
    'Map',
    'JSONata',
    'JSONPath',
    'States.ALL',
    's0',
    's1',
  ),
  fc.constantFrom<Json>(
    '2030-01-01T00:00:00Z',
    'arn:',
    'arn:aws:states:::',
    'arn:aws:states:::lambda:invoke.sync',
    99_999_999_999,
  ),
  fc.jsonValue({ maxDepth: 1 }) as Arbitrary<Json>,
);

const mutations: Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('drop', 'replace', 'replace', 'rename', 'repeat', 'swap', 'retarget', 'retype'),
  place: fc.nat(),
  other: fc.nat(),
  value: values,
});

/** Definitions that were sound once: a few fields dropped, altered, renamed, moved, led elsewhere. */
export function mutants(definitions: Arbitrary<Definition>): Arbitrary<Definition> {
  return fc.tuple(definitions, fc.array(mutations, { minLength: 1, maxLength: 3 })).map(([definition, changes]) => {
    const mutant = JSON.parse(JSON.stringify(definition)) as Definition;
    for (const change of changes) mutate(mutant, change);
    return mutant;
  });
}

function mutate(root: Definition, { kind, place, other, value }: Mutation): void {
  const spots = spotsIn(root as Parent);
  if (spots.length === 0) return;
  const some = (names: string[]) => {
    const named = spots.filter(({ name }) => names.includes(name));
    return at(named.length > 0 ? named : spots, place);
  };
  changes[kind](at(spots, place), at(spots, other), value, some);
}

type Change = (here: Spot, there: Spot, value: Json, some: (names: string[]) => Spot) => void;

const changes: Record<Mutation['kind'], Change> = {
  drop: (here) => take(here),
  replace: (here, _, value) => put(here, value),
  rename(here, there, value) {
    const moved = read(here);
    take(here);
    put({ parent: here.parent, name: typeof value === 'string' ? value : there.name }, moved);
  },
  repeat: (here, there) => put(there, read(here)),
  swap(here, there) {
    const [one, two] = [read(here), read(there)];
    put(there, one);
    put(here, two);
  },
  retarget: (_, there, __, some) => put(some(['Next', 'Default', 'StartAt']), there.name),
  retype: (_, there, value, some) =>
    put(some(['Type', 'QueryLanguage']), typeof value === 'string' ? value : there.name),
};

/** A copy, so that what is changed later is changed in one place. */
const read = ({ parent, name }: Spot): Json => structuredClone((parent as Record<string, Json>)[name] ?? null);

function take({ parent, name }: Spot): void {
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
}

/** Also under the name `__proto__`, as JSON.parse does it. */
function put({ parent, name }: Spot, value: Json): void {
  const isPlace = !Array.isArray(parent) || /^\d+$/.test(name);
  if (isPlace) Object.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true });
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

function spotsIn(parent: Parent): Spot[] {
  return Object.keys(parent).flatMap((name) => {
    const value = Object.getOwnPropertyDescriptor(parent, name)?.value as Json;
    const inner = typeof value === 'object' && value !== null ? spotsIn(value) : [];
    return [{ parent, name }, ...inner];
  });
}
