import { findPath } from './document-path.ts';
import { isObject, type Json, type JsonObject } from './json-tree.ts';

export interface Difference {
  path: string;
  expected: string;
  observed: string;
}

/** The runtime says nothing about these: traces of AWS's own infrastructure, and settings that change nothing here. */
const ignored = [
  '$..SdkHttpMetadata',
  '$..SdkResponseMetadata',
  '$..billingDetails',
  '$..encryptionConfiguration',
  '$..tracingConfiguration',
];

export interface CompareOptions {
  /** Lenient: JSON inside texts is compared as JSON, and the case's own `skipPaths` are left out. */
  lenient: boolean;
  skipPaths: string[];
}

/** The first difference; numbers are compared by value, the order of members does not count. */
export function firstDifference(expected: Json, observed: Json, options: CompareOptions): Difference | undefined {
  const paths = options.lenient ? [...ignored, ...options.skipPaths] : ignored;
  const prepare = (value: Json) => without(structuredClone(options.lenient ? parseAll(value) : value), paths);
  return differ(prepare(expected), prepare(observed), '$');
}

/** Array items that are taken out leave their place until all paths are done, so that indexes in later paths stay right. */
function without(tree: Json, paths: string[]): Json {
  const gaps = new Map<Json[], Set<number>>();
  for (const path of paths) {
    for (const { parent, key } of findPath(tree, path)) {
      if (Array.isArray(parent)) gaps.set(parent as Json[], (gaps.get(parent as Json[]) ?? new Set()).add(Number(key)));
      else delete parent[key];
    }
  }
  for (const [items, indexes] of gaps) {
    const kept = items.filter((_item, index) => !indexes.has(index));
    items.splice(0, items.length, ...kept);
  }
  return tree;
}

function parseAll(value: Json): Json {
  if (typeof value === 'string') {
    try {
      const parsed = JSON.parse(value) as Json;
      return typeof parsed === 'object' ? parseAll(parsed) : parsed;
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(parseAll);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, parseAll(member)]));
}

function differ(expected: Json, observed: Json, path: string): Difference | undefined {
  if (Array.isArray(expected) && Array.isArray(observed)) return differInItems(expected, observed, path);
  if (isObject(expected) && isObject(observed)) return differInMembers(expected, observed, path);
  return Object.is(expected, observed) || expected === observed
    ? undefined
    : { path, expected: show(expected), observed: show(observed) };
}

function differInItems(expected: Json[], observed: Json[], path: string): Difference | undefined {
  for (let index = 0; index < Math.min(expected.length, observed.length); index += 1) {
    const found = differ(expected[index]!, observed[index]!, `${path}[${index}]`);
    if (found) return found;
  }
  if (expected.length === observed.length) return undefined;
  const at = Math.min(expected.length, observed.length);
  return {
    path: `${path}[${at}]`,
    expected: at < expected.length ? show(expected[at]!) : `nothing (${expected.length} items)`,
    observed: at < observed.length ? show(observed[at]!) : `nothing (${observed.length} items)`,
  };
}

function differInMembers(expected: JsonObject, observed: JsonObject, path: string): Difference | undefined {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(observed)])];
  // What kind of event it is says more than its number does.
  for (const name of names.sort((a, b) => Number(b === 'type') - Number(a === 'type'))) {
    const here = `${path}.${name}`;
    if (!Object.hasOwn(observed, name)) return { path: here, expected: show(expected[name]!), observed: 'nothing' };
    if (!Object.hasOwn(expected, name)) return { path: here, expected: 'nothing', observed: show(observed[name]!) };
    const found = differ(expected[name]!, observed[name]!, here);
    if (found) return found;
  }
  return undefined;
}

const longestShown = 600;

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
