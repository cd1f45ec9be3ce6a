/** Which rule of a plan hits a call. Pure: counts come in, and the caller counts on. */
import { createHash } from 'node:crypto';
import type { BoundaryName, Via } from './boundaries.ts';
import { type FaultPlan, type FaultRule, toRegExp } from './plan.ts';

/** Something that can be broken: an invocation, a delivery, a request. */
export interface Call {
  at: BoundaryName;
  /** Says what is called with what, the same in every run: `Shop-Work {"id":"a"}`. No times, ids or tokens that change. */
  name: string;
  function?: string;
  via?: Via;
  /** A transaction has several. */
  tables?: readonly string[];
  queue?: string;
  operation?: string;
}

export interface RuleCounts {
  /** Calls that the rule matched. */
  calls: number;
  hits: number;
}

export interface Counts {
  /** Which start of the runtime under this plan it is, 1-based. */
  start: number;
  /** How often a call of this boundary and name was seen since this start, this one included. */
  nth: number;
  /** Before this call, by name of the rule. */
  rules: Readonly<Record<string, RuleCounts>>;
}

export interface Decision {
  /** Names of all rules that match, whether they hit or not: their `calls` go up, so that no rule's positions depend on another rule. */
  matched: string[];
  /** The first rule that hits. */
  hit?: FaultRule;
}

export function decide(plan: FaultPlan, counts: Counts, call: Call): Decision {
  const matching = plan.rules.filter((rule) => matches(rule, call));
  const hit = matching.find((rule) => hits(rule, plan.seed, counts, call));
  return { matched: matching.map(({ name }) => name), ...(hit && { hit }) };
}

function hits(rule: FaultRule, seed: number, { start, nth, rules }: Counts, call: Call): boolean {
  const { calls, hits: soFar } = rules[rule.name] ?? { calls: 0, hits: 0 };
  if (rule.times !== undefined && soFar >= rule.times) return false;
  if (rule.calls) return rule.calls.includes(calls + 1);
  if (rule.exactly) {
    return rule.exactly.some((pin) => pin.call === call.name && pin.nth === nth && (pin.start ?? start) === start);
  }
  const { probability, inARow = 1 } = rule;
  if (probability === undefined) return true;
  for (let try_ = nth; try_ > Math.max(0, nth - inARow); try_--) {
    if (dice(seed, rule.name, start, call, try_) < probability) return true;
  }
  return false;
}

/** From 0 to 1, the same for the same call in every run, and independent of everything else that goes on. */
function dice(seed: number, rule: string, start: number, call: Call, nth: number): number {
  const text = JSON.stringify([seed, rule, start, call.at, call.name, nth]);
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

function matches({ at, where }: FaultRule, call: Call): boolean {
  if (at !== call.at) return false;
  if (!where) return true;
  return (
    fits(where.function, call.function) &&
    fits(where.queue, call.queue) &&
    fits(where.operation, call.operation) &&
    fits(where.call, call.name) &&
    (where.via === undefined || where.via === call.via) &&
    (where.table === undefined || (call.tables ?? []).some((table) => fits(where.table, table)))
  );
}

/** A text is contained; `/.../` is a regular expression. */
export function fits(pattern: string | undefined, text: string | undefined): boolean {
  if (pattern === undefined) return true;
  if (text === undefined) return false;
  if (!expressions.has(pattern)) expressions.set(pattern, toRegExp(pattern));
  return expressions.get(pattern)?.test(text) ?? text.includes(pattern);
}

const expressions = new Map<string, RegExp | undefined>();
