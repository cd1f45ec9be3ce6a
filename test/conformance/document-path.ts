/** The few forms of JSONPath that the cases use: `$..a`, `$..a.b`, `$..a..b`, `$..a[8].b`. */

export interface Match {
  value: unknown;
  parent: Record<string, unknown> | unknown[];
  key: string | number;
}

interface Segment {
  deep: boolean;
  key: string | number;
}

/** Matches in document order; what an object has itself comes before what is deeper in it. */
export function findPath(root: unknown, path: string): Match[] {
  let matches: Match[] = [{ value: root, parent: [root], key: 0 }];
  for (const { deep, key } of segments(path)) {
    matches = matches.flatMap(({ value }) => (deep ? anywhere(value, key) : child(value, key)));
  }
  return matches;
}

const parsed = new Map<string, Segment[]>();

function segments(path: string): Segment[] {
  const known = parsed.get(path);
  if (known) return known;
  const found: Segment[] = [];
  let left = path.replace(/^\$/, '');
  while (left !== '') {
    const match = /^(\.\.|\.)?(?:\[(\d+)\]|\[?["']([^"']+)["']\]?|([^.[\]'"]+))/.exec(left);
    if (!match) throw new Error(`The path ${path} cannot be read from ${left} on.`);
    const [whole, dots, index, quoted, plain] = match;
    found.push({ deep: dots === '..', key: index === undefined ? (quoted ?? plain)! : Number(index) });
    left = left.slice(whole.length);
  }
  parsed.set(path, found);
  return found;
}

function child(value: unknown, key: string | number): Match[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  if (Array.isArray(value) !== (typeof key === 'number') || !Object.hasOwn(value, key)) return [];
  const parent = value as Record<string, unknown>;
  return [{ value: parent[key], parent, key }];
}

function anywhere(value: unknown, key: string | number): Match[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return [...child(value, key), ...Object.values(value).flatMap((member) => anywhere(member, key))];
}
