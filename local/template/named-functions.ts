/** The functions that texts name: definitions of state machines, environments, targets of schedules. */

/** Function name -> `$LATEST`, version numbers and aliases. */
export type NamedFunctions = Map<string, Set<string>>;

/** What is known of a function: what its qualifiers stand for, and what they name in turn. */
export interface KnownFunction {
  versions: readonly string[];
  /** Alias to version number. */
  aliases: Readonly<Record<string, string>>;
  /** Text with everything that a version, or `$LATEST`, may call by itself: its environment. */
  textOf(version: string): string;
}

/** Calls with a `Qualifier` beside the name: which one, the text does not say in one place. */
const separateQualifier = /qualifier/i;

/**
 * Everything that these texts need, and that it needs in turn. A name is found wherever it stands, as a name, in an ARN or inside an
 * expression; one that is put together only at run time is not.
 */
export function namedFunctions(texts: Iterable<string>, functions: ReadonlyMap<string, KnownFunction>): NamedFunctions {
  const named: NamedFunctions = new Map();
  if (functions.size === 0) return named;
  // The longest first: no name hides another that begins with it.
  const names = [...functions.keys()].sort((one, other) => other.length - one.length);
  const mention = new RegExp(`(?<![\\w-])(${names.join('|')})(?![\\w-])(?::(\\$LATEST|[\\w-]+))?`, 'g');
  const open = [...texts];

  const need = (name: string, qualifier: string): void => {
    const qualifiers = named.get(name) ?? new Set();
    named.set(name, qualifiers);
    if (qualifiers.has(qualifier)) return;
    qualifiers.add(qualifier);
    const { aliases, textOf } = functions.get(name)!;
    const target = aliases[qualifier];
    if (target === undefined) open.push(textOf(qualifier));
    else need(name, target);
  };

  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    for (const [, name, qualifier] of text.matchAll(mention)) {
      need(name!, qualifier ?? '$LATEST');
      if (qualifier === undefined && separateQualifier.test(text)) {
        for (const version of functions.get(name!)!.versions) need(name!, version);
      }
    }
  }
  return named;
}
