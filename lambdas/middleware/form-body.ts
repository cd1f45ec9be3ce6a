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
  const fields = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => {
      const values = fields.getAll(name).map((value) => value.replaceAll('\r\n', '\n'));
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}
