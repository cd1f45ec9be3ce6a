/** From a plan under which something fails to the smallest part of it that is enough. */
import type { Hit } from '../../../local/faults/fault-book.ts';
import type { FaultPlan } from '../../../local/faults/plan.ts';

/** Whether it fails under this plan. */
export type Fails = (plan: FaultPlan) => Promise<boolean>;

/**
 * Pins what was hit, then leaves out rules, then single hits, as long as it still fails. Where a run with pinned hits does not fail (what
 * failed had to do with the moment as well), the rules are left as they were and only whole rules are left out.
 */
export async function shrink(plan: FaultPlan, hits: readonly Hit[], fails: Fails): Promise<FaultPlan> {
  const pinned = pin(plan, hits);
  if (!(await fails(pinned))) {
    const rules = await smallest(plan.rules, (some) => fails({ ...plan, rules: some }));
    return { ...plan, rules };
  }
  const rules = await smallest(pinned.rules, (some) => fails({ ...plan, rules: some }));
  const names = new Set(rules.map(({ name }) => name));
  const left = await smallest(
    hits.filter(({ rule }) => names.has(rule)),
    (some) => fails(pin(plan, some)),
  );
  return pin(plan, left);
}

/** The plan that hits exactly these calls, whenever they come. */
export function pin(plan: FaultPlan, hits: readonly Hit[]): FaultPlan {
  const rules = plan.rules.flatMap(({ name, at, fault, delay }) => {
    const exactly = hits.filter(({ rule }) => rule === name).map(({ call, nth }) => ({ call, nth }));
    return exactly.length === 0 ? [] : [{ name, at, fault, ...(delay && { delay }), exactly, times: exactly.length }];
  });
  return { ...plan, rules };
}

/** Delta debugging (Zeller): leaves out halves, then quarters, ... down to one, as long as what is left still fails. */
export async function smallest<Unit>(
  units: readonly Unit[],
  fails: (some: Unit[]) => Promise<boolean>,
): Promise<Unit[]> {
  let left = [...units];
  for (let parts = 2; left.length > 1; ) {
    const size = Math.ceil(left.length / parts);
    let smaller: Unit[] | undefined;
    for (let from = 0; from < left.length && !smaller; from += size) {
      const without = [...left.slice(0, from), ...left.slice(from + size)];
      if (without.length > 0 && (await fails(without))) smaller = without;
    }
    if (smaller) {
      left = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) {
      return left;
    } else {
      parts = Math.min(left.length, parts * 2);
    }
  }
  return left;
}
