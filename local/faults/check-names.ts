import type { AppNames } from './app-names.ts';
import { boundaries } from './boundaries.ts';
import { fits } from './decide.ts';
import { type FaultPlan, type FaultRule, InvalidFaultPlan } from './plan.ts';

/** The caller of requests that Step Functions makes by itself. */
export const stepFunctionsCaller = 'states.amazonaws.com';

/** A name that is nowhere in the app would be a rule that never hits, and a plan that proves nothing. */
export function checkNames({ rules }: FaultPlan, { functions, tables, queues }: AppNames): void {
  const problems = rules.flatMap((rule, index) => {
    const callers = isRequest(rule) ? [...functions, stepFunctionsCaller] : functions;
    const lists = { function: callers, table: [...tables.keys()], queue: queues };
    return Object.entries(lists).flatMap(([selector, names]) => {
      const pattern = rule.where?.[selector as keyof FaultRule['where']];
      if (pattern === undefined || names.some((name) => fits(pattern, name))) return [];
      const expected = names.length > 0 ? `it to fit one of ${names.join(', ')}` : 'none, because the app has none';
      return [`rules[${index}].where.${selector}: found ${JSON.stringify(pattern)}, expected ${expected}`];
    });
  });
  if (problems.length > 0) throw new InvalidFaultPlan(problems.join('\n'));
}

/** Of a function or of Step Functions, to a service. */
export const isRequest = ({ at }: Pick<FaultRule, 'at'>) =>
  at !== 'http-api' && (boundaries[at].where as readonly string[]).includes('operation');
