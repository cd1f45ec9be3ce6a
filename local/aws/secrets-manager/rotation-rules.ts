import { ServiceError } from '../../engine/ports.ts';
import { nextCron } from '../scheduler/cron.ts';
import { parseExpression } from '../scheduler/expression.ts';
import type { RotationRules } from './secret.ts';

const dayMs = 86_400_000;
const shortestMs = 4 * 3_600_000;

/**
 * Throws InvalidParameterException if the rules are none.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
export function checkRules(rules: RotationRules): void {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (days !== undefined && expression !== undefined) {
    throw invalid('You can specify AutomaticallyAfterDays or ScheduleExpression, but not both.');
  }
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 1000)) {
    throw invalid('RotationRules.AutomaticallyAfterDays must be within 1-1000.');
  }
  if (expression !== undefined) parse(expression);
}

/** When a secret is rotated that was rotated, or put, at `lastAt`; undefined without a schedule. At once when the window opens. */
export function nextRotation(rules: RotationRules, lastAt: number): number | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (expression === undefined) return days === undefined ? undefined : lastAt + days * dayMs;
  const parsed = parse(expression);
  return parsed.kind === 'rate' ? lastAt + parsed.everyMs : nextCron(parsed.cron, lastAt, parsed.zone);
}

/** With the number of days that a schedule comes to, as the service describes it. */
export function describedRules(rules: RotationRules): RotationRules {
  if (rules.ScheduleExpression === undefined) return rules;
  const parsed = parse(rules.ScheduleExpression);
  if (parsed.kind !== 'rate' || parsed.everyMs % dayMs !== 0) return rules;
  return { AutomaticallyAfterDays: parsed.everyMs / dayMs, ...rules };
}

function parse(text: string) {
  try {
    const parsed = parseExpression(text, 'UTC');
    if (parsed.kind === 'cron' || (parsed.kind === 'rate' && parsed.everyMs >= shortestMs)) return parsed;
  } catch {
    // Answered below.
  }
  throw invalid(`Invalid ScheduleExpression ${text}: expected rate() of at least 4 hours, or cron().`);
}

const invalid = (message: string) => new ServiceError('InvalidParameterException', message);
