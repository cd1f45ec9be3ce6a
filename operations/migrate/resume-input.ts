import { Buffer } from 'node:buffer';
import { type ResumeInput, resumeStates } from '../../statemachines/resume/resume-definition.ts';
import type { Place } from './place.ts';
import type { Standing } from './standing.ts';

/** StartExecution takes no more. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const maxInputBytes = 262_144;

/** What an execution is, as its successor has to be told; times as `$states.context` has them. */
export interface Identity {
  executionArn: string;
  name: string;
  /** ISO 8601 with milliseconds, the execution's own start. */
  startTime: string;
  roleArn?: string;
  /** On the resume machine: its input says what the first one was. */
  isResumed: boolean;
}

/** `$states.context.Execution` of the order's first execution: of a resumed one as it was given, so that it never changes. */
export function firstExecution(standing: Standing, identity: Identity): ResumeInput['execution'] {
  const input: unknown = JSON.parse(standing.started.input);
  if (identity.isResumed) return (input as ResumeInput).execution;
  const { executionArn: Id, name: Name, startTime: StartTime, roleArn: RoleArn } = identity;
  return { Id, Input: input, Name, ...(RoleArn && { RoleArn }), StartTime };
}

/** A resumed execution that was stopped before its first own state stands where it was to be resumed. */
export function withoutEntry(place: Place, standing: Standing, identity: Identity): Place {
  if (!identity.isResumed || place.state !== resumeStates.entry) return place;
  const { resumeAt, input, variables } = JSON.parse(standing.started.input) as ResumeInput;
  return {
    state: resumeAt,
    input: JSON.stringify(input),
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, JSON.stringify(value)])),
  };
}

/** Whether Step Functions takes it, or how much too large it is. */
export function excessOf(text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  return bytes > maxInputBytes ? `${bytes} bytes are needed to go on, ${maxInputBytes} may be` : undefined;
}
