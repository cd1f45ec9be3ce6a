/** What is known about a target from its ARN and its input, without calling it. */

export type TargetKind = 'lambda' | 'sqs' | 'states';

const patterns: Record<TargetKind, RegExp> = {
  lambda: /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:(\$LATEST|[\w-]+))?$/,
  sqs: /^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/,
  states: /^arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[^:]+(:[^:]+)?$/,
};

/** Undefined for what cannot be a target here. */
export function targetOf(arn: string): TargetKind | undefined {
  return (Object.keys(patterns) as TargetKind[]).find((kind) => patterns[kind].test(arn));
}

/** Whether the input must be JSON. */
export function takesJson(arn: string): boolean {
  const kind = targetOf(arn);
  return kind === 'lambda' || kind === 'states';
}

/** One invocation of a target that is due. */
export interface Occurrence {
  scheduleArn: string;
  /** Milliseconds since the epoch. */
  scheduledAt: number;
  /** Sixteen hexadecimal digits, the same for all attempts. */
  executionId: string;
}

/**
 * The input as the target gets it, its keywords replaced. Without an input the target gets a notification.
 *
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export function inputFor(input: string | undefined, occurrence: Occurrence, attempt: number): string {
  const { scheduleArn, scheduledAt, executionId } = occurrence;
  const scheduledTime = secondsOf(scheduledAt);
  if (input === undefined) return notification(occurrence, scheduledTime);
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', scheduledTime)
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}

/** `2026-03-22T18:59:43Z` */
export function secondsOf(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** To see whether an input would be JSON. */
export function sampleInput(input: string): string {
  return inputFor(input, { scheduleArn: 'arn', scheduledAt: 0, executionId: '0123456789abcdef' }, 1);
}

/** `detail` is a text, as in the example of https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html */
function notification({ scheduleArn, executionId }: Occurrence, time: string): string {
  const [, , , region, account] = scheduleArn.split(':');
  return JSON.stringify({
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time,
    region,
    resources: [scheduleArn],
    detail: '{}',
  });
}
