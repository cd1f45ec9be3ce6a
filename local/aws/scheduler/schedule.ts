import { z } from 'zod';
import { ServiceError } from '../../engine/ports.ts';
import { parseExpression } from './expression.ts';
import { sampleInput, takesJson, targetOf } from './target.ts';
import { isTimeZone } from './time-zone.ts';

/** CloudFormation writes numbers as texts as well. */
const whole = (min: number, max: number) =>
  z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error: 'expected a number' }).pipe(
    z
      .int({ error: `expected a whole number from ${min} to ${max}` })
      .min(min, { error: `expected a whole number from ${min} to ${max}` })
      .max(max, { error: `expected a whole number from ${min} to ${max}` }),
  );

const text = (min: number, max: number) => {
  const error = `expected a text of ${min} to ${max} characters`;
  return z.string({ error }).min(min, { error }).max(max, { error });
};

const matching = (max: number, pattern: RegExp, expected: string) =>
  text(1, max).regex(pattern, { error: `expected ${expected}` });

const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: `expected ${values.join(' or ')}` });

export const Name = matching(64, /^[\w.-]+$/, 'a name of 1 to 64 letters, digits, - _ and .');
export const ClientToken = matching(64, /^[\w-]+$/, '1 to 64 letters, digits, - and _').optional();

/** Seconds since the epoch on the wire, ISO 8601 in a template; kept in milliseconds. */
const Time = z
  .union([z.number().transform((seconds) => seconds * 1000), z.iso.datetime({ offset: true }).transform(Date.parse)], {
    error: 'expected seconds since 1970 or an ISO 8601 date and time',
  })
  .optional();

/** The defaults are the service's. */
const RetryPolicy = z.object({
  MaximumEventAgeInSeconds: whole(60, 86_400).default(86_400),
  MaximumRetryAttempts: whole(0, 185).default(185),
});

const arn = (pattern: RegExp, expected: string) => matching(1600, pattern, expected);

const Target = z
  .object({
    Arn: text(1, 1600).refine((value) => targetOf(value) !== undefined, {
      error: 'only Lambda functions, SQS queues and state machines run locally, expected the ARN of one of them',
    }),
    RoleArn: arn(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of a role'),
    Input: z.string().min(1, { error: 'expected at least one character' }).optional(),
    RetryPolicy: RetryPolicy.default(RetryPolicy.parse({})),
    DeadLetterConfig: z
      .object({ Arn: arn(/^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of a standard queue').optional() })
      .optional(),
    SqsParameters: z.object({ MessageGroupId: text(1, 128).optional() }).optional(),
  })
  .check(({ value, issues }) => {
    if (value.Input === undefined || !takesJson(value.Arn)) return;
    try {
      JSON.parse(sampleInput(value.Input));
    } catch {
      issues.push({ code: 'custom', path: ['Input'], input: value.Input, message: 'this target takes JSON only' });
    }
  });
export type Target = z.infer<typeof Target>;

const FlexibleTimeWindow = z
  .object({ Mode: oneOf('OFF', 'FLEXIBLE'), MaximumWindowInMinutes: whole(1, 1440).optional() })
  .refine((value) => value.Mode === 'OFF' || value.MaximumWindowInMinutes !== undefined, {
    path: ['MaximumWindowInMinutes'],
    error: 'expected a number of minutes, because the mode is FLEXIBLE',
  });

/**
 * What CreateSchedule, UpdateSchedule and the template say of a schedule, with the service's defaults filled in. In the words of
 * the API, because that is how it is answered; only dates are milliseconds.
 *
 * Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
 */
export const Specification = z
  .object({
    Name,
    GroupName: Name.default('default'),
    Description: text(0, 512).optional(),
    ScheduleExpression: text(1, 256),
    ScheduleExpressionTimezone: text(1, 50)
      .refine(isTimeZone, { error: 'expected the name of a zone in the IANA database, such as Europe/Berlin' })
      .default('UTC'),
    StartDate: Time,
    EndDate: Time,
    State: oneOf('ENABLED', 'DISABLED').default('ENABLED'),
    ActionAfterCompletion: oneOf('NONE', 'DELETE').default('NONE'),
    FlexibleTimeWindow,
    KmsKeyArn: text(1, 2048).optional(),
    Target,
  })
  .check(({ value, issues }) => {
    const { ScheduleExpression, ScheduleExpressionTimezone, StartDate, EndDate } = value;
    try {
      parseExpression(ScheduleExpression, ScheduleExpressionTimezone);
    } catch (error) {
      const message = `Invalid Schedule Expression: ${(error as Error).message}`;
      issues.push({ code: 'custom', path: ['ScheduleExpression'], input: ScheduleExpression, message });
    }
    if (StartDate !== undefined && EndDate !== undefined && EndDate <= StartDate) {
      const message = 'expected a date after StartDate';
      issues.push({ code: 'custom', path: ['EndDate'], input: new Date(EndDate).toISOString(), message });
    }
  });
export type Specification = z.infer<typeof Specification>;

/** Throws a ValidationException that says where, what was found and what was expected, of everything that is wrong. */
export function check<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new ServiceError('ValidationException', problemsOf(parsed.error));
}

export function problemsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message, input }) => `${path.join('.')}: ${message}; found ${shown(input)}`).join('. ');
}

function shown(input: unknown): string {
  if (input === undefined) return 'nothing';
  const text = JSON.stringify(input);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
