import type * as z from 'zod';
import { checked, requireContentType, textBody } from './request-body.ts';
import type { ApiEvent } from './route.ts';

/** The fields of a form as a browser sends them, checked against their schema at the door. */
export function formBody<Schema extends z.ZodType>(event: ApiEvent, schema: Schema): z.output<Schema> {
  requireContentType(event, 'application/x-www-form-urlencoded');
  return checked(schema, formFields(textBody(event)));
}

/**
 * A field that comes twice would be whichever came last; as a list it fits no schema and is refused. A line break, which
 * browsers send as two characters and count as one against a field's limit, is one.
 */
export function formFields(text: string): Record<string, unknown> {
  const fields = new Map<string, string[]>();
  for (const [name, sent] of new URLSearchParams(text)) {
    const value = sent.replaceAll('\r\n', '\n');
    const values = fields.get(name);
    // Into the list that is there: a new one each time takes seconds for a body that is all fields.
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
