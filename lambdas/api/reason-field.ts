import * as z from 'zod';

/** Long enough to say what was done, short enough for the history of an execution and an order's events. */
export const maxReasonLength = 500;

/** Why an action is the answer, as a person types it: no control characters but those of a text of several lines. */
export const reasonField = z
  .string()
  .trim()
  .max(maxReasonLength)
  .regex(/^(?:\P{Cc}|[\n\t])*$/u)
  .optional();
