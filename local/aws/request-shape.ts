import { ServiceError } from '../engine/ports.ts';

/** What a member of a request must be like; the words of the answer are AWS's. */
type Constraint =
  | {
      type: 'text';
      required?: boolean;
      min?: number;
      max?: number;
      /** Source of a regular expression, in the words of the API's model: it stands in the answer. */
      pattern?: string;
      oneOf?: readonly string[];
      secret?: boolean;
    }
  | { type: 'integer' | 'number'; required?: boolean; min?: number; max?: number }
  | { type: 'boolean' | 'object' | 'list'; required?: boolean };

export type Shape = Record<string, Constraint>;

type Value<C extends Constraint> = C extends { type: 'text' }
  ? string
  : C extends { type: 'integer' | 'number' }
    ? number
    : C extends { type: 'boolean' }
      ? boolean
      : C extends { type: 'list' }
        ? unknown[]
        : Record<string, unknown>;

/** The checked request: required members are there, the others may be undefined. */
export type Checked<S extends Shape> = {
  [M in keyof S]: S[M] extends { required: true } ? Value<S[M]> : Value<S[M]> | undefined;
};

const jsonTypes = { text: 'string', number: 'number', boolean: 'boolean', object: 'object', list: 'object' } as const;

/**
 * Checks a request against its shape. Throws SerializationException for a member of another JSON type and one
 * ValidationException that lists everything else. Members that the shape does not know are ignored, as the service does.
 * `prefix` says where in the request the object is: `tags.1.member.`.
 */
export function checkRequest<const S extends Shape>(shape: S, input: Record<string, unknown>, prefix = ''): Checked<S> {
  const errors: string[] = [];
  const checked: Record<string, unknown> = {};
  for (const [member, constraint] of Object.entries(shape)) {
    const value = input[member] ?? undefined;
    if (value === undefined) {
      if (constraint.required)
        errors.push(`Value null at '${prefix}${member}' failed to satisfy constraint: Member must not be null`);
      continue;
    }
    if (!hasType(value, constraint.type)) {
      throw new ServiceError('SerializationException', `The member '${member}' must be of type ${constraint.type}.`);
    }
    const broken = violation(constraint, value);
    if (broken) {
      const shown = constraint.type === 'text' && constraint.secret ? '' : ` '${value}'`;
      errors.push(`Value${shown} at '${prefix}${member}' failed to satisfy constraint: Member must ${broken}`);
    }
    checked[member] = value;
  }
  if (errors.length > 0) {
    const count = `${errors.length} validation error${errors.length > 1 ? 's' : ''} detected`;
    throw new ServiceError('ValidationException', `${count}: ${errors.join('; ')}`);
  }
  return checked as Checked<S>;
}

function hasType(value: unknown, type: Constraint['type']): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === jsonTypes[type] && Array.isArray(value) === (type === 'list');
}

function violation(constraint: Constraint, value: unknown): string | undefined {
  if (constraint.type === 'integer' || constraint.type === 'number') {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = constraint;
    if ((value as number) < min) return `have value greater than or equal to ${min}`;
    if ((value as number) > max) return `have value less than or equal to ${max}`;
  }
  if (constraint.type === 'text') {
    const { min = 0, max = Number.POSITIVE_INFINITY, pattern, oneOf } = constraint;
    const text = value as string;
    if (text.length < min) return `have length greater than or equal to ${min}`;
    if (text.length > max || Buffer.byteLength(text) > max) return `have length less than or equal to ${max}`;
    if (pattern && !new RegExp(pattern).test(text)) return `satisfy regular expression pattern: ${pattern}`;
    if (oneOf && !oneOf.includes(text)) return `satisfy enum value set: [${oneOf.join(', ')}]`;
  }
  return undefined;
}
