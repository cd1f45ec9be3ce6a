/** The texts that stand for what differs from run to run, collected from the tree and replaced in its JSON text. */
export interface Substitutions {
  /** The n-th distinct value for a name becomes `<name:n>`. A value that is known already, under any name, is left alone. */
  reference(value: unknown, name: string): void;
  pattern(source: string | RegExp, replacement: string | ((match: string) => string)): void;
  /** In the order of registration. */
  applyTo(text: string): string;
}

export function createSubstitutions(): Substitutions {
  const registered: ((text: string) => string)[] = [];
  const counts = new Map<string, number>();
  const known = new Set<string>();
  return {
    reference(value, name) {
      if (typeof value !== 'string') throw new Error(`Expected a text to stand for ${name}, found ${typeof value}.`);
      const spelled = value.replaceAll('"', '\\"');
      if (known.has(spelled)) return;
      known.add(spelled);
      const number = (counts.get(name) ?? 0) + 1;
      counts.set(name, number);
      registered.push((text) => text.replaceAll(spelled, () => `<${name}:${number}>`));
    },
    pattern(source, replacement) {
      const pattern = new RegExp(source, 'g');
      const replace = typeof replacement === 'string' ? () => replacement : replacement;
      registered.push((text) => text.replace(pattern, (match) => replace(match)));
    },
    applyTo: (text) => registered.reduce((replaced, apply) => apply(replaced), text),
  };
}
