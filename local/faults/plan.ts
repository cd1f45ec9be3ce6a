import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { type BoundaryName, boundaries, delays, type FaultKind, type Selector, waysToInvoke } from './boundaries.ts';
import { explainIssue } from './explain-issue.ts';

/** One call, by its name (see `call-name.ts`) and how often it was seen: what a hit of the report says. */
export interface Pin {
  call: string;
  /** 1-based. */
  nth: number;
  /** Number of the runtime's start under this plan, 1-based; default: any. */
  start?: number | undefined;
}

/** Breaks calls of one boundary in one way. Hits every call that it matches, unless one of `probability`, `calls` and `exactly` is given. */
export interface FaultRule {
  /** Tells rules apart in the report, and goes into their dice. Default: what the rule says. */
  name: string;
  at: BoundaryName;
  /** All of them must match. A text is contained in what it is matched with; `/.../` is a regular expression. */
  where?: { [selector in Selector]?: string | undefined } | undefined;
  fault: FaultKind;
  /** 0 to 1, thrown for each call. */
  probability?: number | undefined;
  /** With `probability`: once hit, so many tries of the same call are hit, one after the other. Clients try again by themselves. */
  inARow?: number | undefined;
  /** Positions among the matching calls, 1-based, kept over restarts. */
  calls?: number[] | undefined;
  exactly?: Pin[] | undefined;
  /** Most hits, kept over restarts. */
  times?: number | undefined;
  /** `250ms`, `5s`, `3d` in the runtime's time, which can be moved. */
  delay?: string | undefined;
}

export interface FaultPlan {
  /** Default 1. */
  seed: number;
  rules: FaultRule[];
}

/** What is wrong with a plan: where, what was found, what was expected. One line for each. */
export class InvalidFaultPlan extends Error {
  override readonly name = 'InvalidFaultPlan';
}

export const noFaults: FaultPlan = { seed: 1, rules: [] };

const Positive = z.int().min(1);
const Pattern = z.string().min(1).refine(isPattern, { error: 'a text, or a regular expression between two slashes' });
const Delay = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'a duration like 250ms, 5s, 2h or 3d' });

const ruleSchemas = Object.entries(boundaries).map(([at, { faults, where }]) =>
  z.strictObject({
    name: z.string().min(1).optional(),
    at: z.literal(at),
    where: z
      .strictObject(
        Object.fromEntries(
          where.map((selector) => [selector, (selector === 'via' ? z.enum(waysToInvoke) : Pattern).optional()]),
        ),
      )
      .optional(),
    fault: z.enum(faults),
    probability: z.number().min(0).max(1).optional(),
    inARow: Positive.optional(),
    calls: z.array(Positive).min(1).optional(),
    exactly: z
      .array(z.strictObject({ call: z.string().min(1), nth: Positive, start: Positive.optional() }))
      .min(1)
      .optional(),
    times: Positive.optional(),
    delay: Delay.optional(),
  }),
);

const Plan = z.strictObject({
  seed: z.int().default(1),
  rules: z.array(z.discriminatedUnion('at', ruleSchemas as never)),
});

/** Checks a plan from outside and gives every rule its name. Throws `InvalidFaultPlan` with all that is wrong. */
export function parseFaultPlan(value: unknown): FaultPlan {
  const parsed = Plan.safeParse(value);
  if (!parsed.success)
    throw new InvalidFaultPlan(parsed.error.issues.map((one) => explainIssue(one, value)).join('\n'));
  const given = parsed.data.rules as unknown as (Omit<FaultRule, 'name'> & { name?: string })[];
  const problems = given.flatMap((rule, index) => contradictions(rule).map((problem) => `rules[${index}]${problem}`));
  const names = new Set<string>();
  const rules = given.map((rule, index) => {
    if (rule.name !== undefined && names.has(rule.name)) {
      problems.push(
        `rules[${index}].name: found ${JSON.stringify(rule.name)} again, expected another one for each rule`,
      );
    }
    const name = rule.name ?? freeName(describe(rule), names);
    names.add(name);
    return { ...rule, name };
  });
  if (problems.length > 0) throw new InvalidFaultPlan(problems.join('\n'));
  return { seed: parsed.data.seed, rules };
}

function contradictions(rule: Omit<FaultRule, 'name'>): string[] {
  const { probability, calls, exactly, inARow, delay, fault } = rule;
  const problems: string[] = [];
  const when = Object.entries({ probability, calls, exactly }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (when.length > 1) problems.push(`: found ${when.join(' and ')}, expected at most one of them`);
  if (inARow !== undefined && probability === undefined) {
    problems.push(`.inARow: found ${inARow}, expected it together with probability only`);
  }
  if (delay !== undefined && delays[fault] === undefined) {
    problems.push(`.delay: found ${JSON.stringify(delay)}, expected none, because ${fault} takes no time`);
  }
  return problems;
}

/** `dynamodb drop-after table=sandbox operation=PutItem` */
function describe({ at, fault, where = {} }: Omit<FaultRule, 'name'>): string {
  const chosen = Object.entries(where).map(([selector, pattern]) => `${selector}=${pattern}`);
  return [at, fault, ...chosen.sort()].join(' ');
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} #${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function isPattern(text: string): boolean {
  try {
    toRegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Undefined for a text that is no regular expression. */
export function toRegExp(pattern: string): RegExp | undefined {
  return pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')
    ? new RegExp(pattern.slice(1, -1))
    : undefined;
}
