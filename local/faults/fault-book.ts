import { parseDuration } from '../duration.ts';
import type { Checkpoints } from '../engine/checkpoints.ts';
import { delays, type FaultKind } from './boundaries.ts';
import { type Call, decide, type RuleCounts } from './decide.ts';
import { type FaultPlan, noFaults, type Pin } from './plan.ts';

/** What is to be done to a call. */
export interface Fault {
  kind: FaultKind;
  /** Milliseconds of the runtime's time; undefined for faults that take none, or as long as what is broken takes. */
  delayMs: number | undefined;
}

/** A fault that was thrown: can be put into `exactly` of its rule as it is. */
export interface Hit extends Required<Pin> {
  rule: string;
}

export interface FaultReport {
  plan: FaultPlan;
  /** How often the runtime was started under this plan. */
  starts: number;
  rules: ({ name: string } & RuleCounts)[];
  /** In the order in which they were thrown. */
  hits: Hit[];
  /** Hits that are counted, but no longer listed. */
  hitsLeftOut: number;
}

/** The plan, and what came of it. */
export interface FaultBook {
  readonly plan: FaultPlan;
  /** Undefined: nothing happens to the call. A fault is in the report, on the disk, before it is thrown. */
  ask(call: Call): Promise<Fault | undefined>;
  /** Begins a plan; all counts are those of a new plan. */
  replace(plan: FaultPlan): Promise<void>;
  report(): FaultReport;
}

const source = 'faults';
const mostHits = 10_000;
const keepEveryMs = 1_000;
/** Names of calls whose tries are counted; beyond, those that were not seen for longest are forgotten and begin at 1 again. */
const mostNames = 200_000;

/**
 * Opens the book of a state folder. `given` is the plan of this start; if it is the one that was kept, it goes on with its counts.
 *
 * What is repeatable: a dice is thrown for (seed, rule, number of the start, name of the call, how often that call was seen since
 * the start), so the same work meets the same faults however it is interleaved. What is not: which of two calls with the same name
 * comes first, `calls` positions while calls run side by side, and everything after a SIGKILL at a moment that nobody planned. Hits, and the
 * counts of rules with `calls` or `times`, outlast a SIGKILL; of other rules the calls of the last second may be lost from the report.
 */
export async function openFaultBook({
  store,
  given,
  told = () => {},
}: {
  store: Checkpoints;
  given?: FaultPlan | undefined;
  told?: (sentence: string) => void;
}): Promise<FaultBook> {
  let { plan, start } = JSON.parse(store.get(source, 'plan') ?? 'null') ?? { plan: noFaults, start: 0 };
  let counts: Record<string, RuleCounts> = {};
  let hits: Hit[] = [];
  let hitsLeftOut = 0;
  const seen = new Map<string, number>();

  async function replace(next: FaultPlan): Promise<void> {
    plan = next;
    start = 1;
    counts = {};
    hits = [];
    hitsLeftOut = 0;
    seen.clear();
    const old = store.list(source).map(({ key }) => store.delete(source, key));
    if (next.rules.length > 0) old.push(store.set(source, 'plan', JSON.stringify({ plan, start })));
    await Promise.all(old);
  }

  if (given && JSON.stringify(given) !== JSON.stringify(plan)) {
    await replace(given);
  } else if (plan.rules.length > 0) {
    start++;
    await store.set(source, 'plan', JSON.stringify({ plan, start }));
    for (const { key, value } of store.list(source)) {
      if (key.startsWith('rule/')) counts[key.slice('rule/'.length)] = JSON.parse(value);
      if (key.startsWith('hit/')) hits.push(JSON.parse(value));
    }
    const all = Object.values(counts).reduce((sum, one) => sum + one.hits, 0);
    hitsLeftOut = all - hits.length;
  }

  function countName(call: Call): number {
    const name = `${call.at} ${call.name}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.delete(name);
    seen.set(name, nth);
    if (seen.size > mostNames) seen.delete(seen.keys().next().value!);
    return nth;
  }

  const keep = (rule: string) => store.set(source, `rule/${rule}`, JSON.stringify(counts[rule]));
  /** Counts that are only for the report. */
  const unkept = new Set<string>();

  async function keepUnkept(): Promise<void> {
    const rules = [...unkept].filter((rule) => counts[rule]);
    unkept.clear();
    await Promise.all(rules.map(keep));
  }

  function keepSoon(rule: string): void {
    // The journal may be closed by then.
    if (unkept.size === 0) setTimeout(() => keepUnkept().catch(() => {}), keepEveryMs).unref();
    unkept.add(rule);
  }

  return {
    get plan() {
      return plan;
    },
    async ask(call) {
      if (plan.rules.length === 0) return undefined;
      const nth = countName(call);
      const { matched, hit } = decide(plan, { start, nth, rules: counts }, call);
      const written: Promise<void>[] = [];
      for (const rule of plan.rules) {
        if (!matched.includes(rule.name)) continue;
        counts[rule.name] ??= { calls: 0, hits: 0 };
        counts[rule.name]!.calls++;
        if (rule === hit) counts[rule.name]!.hits++;
        if (rule === hit || rule.calls || rule.times) written.push(keep(rule.name));
        else keepSoon(rule.name);
      }
      // What is not waited for may end with the runtime.
      for (const one of written) one.catch(() => {});
      if (!hit) return undefined;
      const one: Hit = { rule: hit.name, call: call.name, nth, start };
      if (hits.length < mostHits) {
        hits.push(one);
        written.push(store.set(source, `hit/${String(hits.length).padStart(6, '0')}`, JSON.stringify(one)));
      } else {
        hitsLeftOut++;
      }
      told(`Fault: ${hit.name}: ${call.name}${nth > 1 ? ` (time ${nth})` : ''}`);
      await Promise.all(written);
      return { kind: hit.fault, delayMs: parseDuration(hit.delay ?? delays[hit.fault] ?? '') };
    },
    replace,
    report: () => ({
      plan,
      starts: start,
      rules: plan.rules.map(({ name }: { name: string }) => ({ name, ...(counts[name] ?? { calls: 0, hits: 0 }) })),
      hits,
      hitsLeftOut,
    }),
  };
}
