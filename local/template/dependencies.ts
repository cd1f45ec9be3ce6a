import { CannotStart } from '../cannot-start.ts';

/** The names that `Ref`, `Fn::GetAtt` and `Fn::Sub` inside `value` look up (resources, parameters and pseudo parameters alike). */
export function namesIn(value: unknown, into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) {
    for (const one of value) namesIn(one, into);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      if (key === 'Ref' && typeof one === 'string') into.add(one);
      else if (key === 'Fn::GetAtt') into.add(String(Array.isArray(one) ? one[0] : String(one).split('.')[0]));
      else if (key === 'Fn::Sub') {
        const template = Array.isArray(one) ? one[0] : one;
        for (const [, name] of String(template).matchAll(/\$\{([^!}.]+)[^}]*\}/g)) into.add(name!.trim());
      }
      namesIn(one, into);
    }
  }
  return into;
}

/** Every id after all that it depends on; ids that do not depend on each other keep the template's order. */
export function inDependencyOrder(dependencies: Map<string, Set<string>>): string[] {
  const ordered: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, path: string[]) => {
    if (state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      throw new CannotStart(
        `Circular dependency between resources: ${[...path.slice(path.indexOf(id)), id].join(' -> ')}.`,
      );
    }
    state.set(id, 'open');
    for (const other of dependencies.get(id) ?? []) if (dependencies.has(other)) visit(other, [...path, id]);
    state.set(id, 'done');
    ordered.push(id);
  };
  for (const id of dependencies.keys()) visit(id, []);
  return ordered;
}
