import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import type { Finding } from '../rules/finding.ts';

/** Any JSON. Strings `{% ... %}` in it, at any depth, are JSONata that sees `$state`, `$input`, `$variables`, `$execution`. */
const template = z.json();

const target = z.strictObject({
  /** The state of the new definition in which the execution goes on. */
  to: z.string(),
  /** What it is entered with, if not with what the old state was entered with. */
  input: template.optional(),
  /** What its variables are, if not those of the same names. */
  variables: z.record(z.string(), template).optional(),
  /** Why it may open another wait than the old state: links that were mailed for that one end in nothing. */
  anotherWait: z.string().min(1).optional(),
});

const entry = z.strictObject({
  comment: z.string().optional(),
  /**
   * The definition that is mapped from, a path beside this file. The place for them is `statemachines/earlier/`, where nobody takes
   * them for processes: `npm run -s versions -- definition 3 > statemachines/earlier/order-fulfillment-v3.json`, or the file as it
   * was then, with its `${...}`.
   */
  from: z
    .string()
    .refine((file) => !file.endsWith('.asl.json'), 'must not end in .asl.json: it is no process any more'),
  /** Old state: where its executions go on. A state that is not named here goes on in the one of its own name. */
  states: z.record(z.string(), z.union([z.string(), target])),
});

/**
 * `<process>.migration.json` beside the definition: where executions of earlier definitions go on in it.
 *
 *     [{
 *       "comment": "parcels are weighed before they are handed over",
 *       "from": "earlier/order-fulfillment-v3.json",
 *       "states": {
 *         "AwaitPicking": "AwaitPacking",
 *         "AwaitCarrierPickup": { "to": "AwaitCarrierPickup", "variables": { "grams": "{% $count($execution.Input.lines) * 500 %}" } }
 *       }
 *     }]
 */
export const mappingSchema = z.array(entry);

export type MappedState = z.output<typeof target>;

/** One earlier definition, and where its executions go on. */
export interface MappingEntry {
  /** Where a finding in it is: `order-fulfillment.migration.json[0]`. */
  place: string;
  /** The text of the file that `from` names. */
  from: string;
  states: Readonly<Record<string, MappedState>>;
}

export type Mapping = readonly MappingEntry[];

/** The mapping of a process; without a file an empty one. Findings instead, if there is no reading it. */
export function readMapping(definitionFile: string): { mapping: Mapping; findings: Finding[] } {
  const file = definitionFile.replace(/\.asl\.json$/, '.migration.json');
  if (!existsSync(file)) return { mapping: [], findings: [] };
  const read = mappingSchema.safeParse(jsonOf(readFileSync(file, 'utf8')));
  if (!read.success) {
    const findings = read.error.issues.map(({ path, message }) => ({
      field: [basename(file), ...path].join('/'),
      found: message,
      expected: 'a mapping as in statemachines/migration/mapping.ts',
    }));
    return { mapping: [], findings };
  }
  const findings: Finding[] = [];
  const mapping = read.data.flatMap(({ from, states }, index): MappingEntry[] => {
    const place = `${basename(file)}[${index}]`;
    const fromFile = resolve(dirname(file), from);
    if (!existsSync(fromFile)) {
      findings.push({ field: `${place}/from`, found: `no file ${from}`, expected: 'an earlier definition' });
      return [];
    }
    const full = Object.entries(states).map(([state, to]) => [state, typeof to === 'string' ? { to } : to]);
    return [{ place, from: readFileSync(fromFile, 'utf8'), states: Object.fromEntries(full) }];
  });
  return { mapping, findings };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return (error as Error).message;
  }
}
