import * as z from 'zod';

/**
 * A person's name, as somebody types it: for the record, nobody checks that it is true. On one line, and without what
 * would let it look like another record: brackets (`Ada (operator)` is how we write a person in a role) and invisible
 * characters, among them those that turn the direction of the text around them. Two that join letters are part of names.
 */
export const personName = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .regex(/^(?:\u200c|\u200d|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Ps}\p{Pe}])*$/u);
