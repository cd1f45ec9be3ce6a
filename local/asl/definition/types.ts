import { isObject, type Json, type JsonObject } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import type { Language } from './expressions.ts';
import { type Inspection, report } from './inspection.ts';

interface Wanted {
  description: string;
  holds(value: Json): boolean;
}

const text: Wanted = { description: 'String', holds: (value) => typeof value === 'string' };
const flag: Wanted = { description: 'Boolean', holds: (value) => typeof value === 'boolean' };
const object: Wanted = { description: 'Object', holds: isObject };
const integer = (least: number): Wanted => ({
  description: `Integer of at least ${least}`,
  holds: (value) => Number.isInteger(value) && Number(value) >= least,
});
/** https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html */
const seconds = (least: number): Wanted => ({
  description: `Integer of at least ${least} and at most 99999999`,
  holds: (value) => integer(least).holds(value) && Number(value) <= 99_999_999,
});
const percentage: Wanted = {
  description: 'Number from 0 to 100',
  holds: (value) => typeof value === 'number' && value >= 0 && value <= 100,
};

/** Fields that mean the same in every state that has them. */
const fieldTypes: Record<string, Wanted> = {
  Comment: text,
  Next: text,
  Default: text,
  End: flag,
  Error: text,
  Cause: text,
  Label: text,
  Seconds: seconds(0),
  TimeoutSeconds: seconds(1),
  HeartbeatSeconds: seconds(1),
  MaxConcurrency: integer(0),
  ToleratedFailureCount: integer(0),
  ToleratedFailurePercentage: percentage,
  Assign: object,
};

/** Literals of the wrong type. What an expression gives is seen only when it runs. */
export function checkTypes(inspection: Inspection, place: string, state: JsonObject, language: Language) {
  for (const [field, { description, holds }] of Object.entries(fieldTypes)) {
    const value = state[field];
    if (value === undefined || holds(value) || (language === 'JSONata' && isExpression(value))) continue;
    report(inspection, `${place}/${field}`, `Expected value of type ${description}`);
  }
}
