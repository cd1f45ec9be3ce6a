import type { IntrinsicArgument } from './intrinsic-parser.ts';
import { IntrinsicRefused } from './intrinsic-refused.ts';
import type { Json } from './json-text.ts';

/**
 * States.Format: puts the values into the places `{}` of the first argument. In a literal `\{` and `\}` are no places.
 * @param written the first argument as it stands in the definition
 */
export function formatText([format, ...values]: Json[], written: IntrinsicArgument): string {
  if (typeof format !== 'string')
    throw new IntrinsicRefused(`The format must be a string, but was: ${JSON.stringify(format)}`);
  const template = written.type === 'literal' && written.template !== undefined ? written.template : undefined;
  let places = 0;
  const text = (template ?? format).replace(
    template === undefined ? /\{\}/g : /\{\}|\\(.)/gs,
    (found, escaped?: string) => {
      if (found !== '{}') return escaped!;
      const value = values[places++];
      return value === undefined ? '' : spell(value);
    },
  );
  if (places === values.length) return text;
  throw new IntrinsicRefused(`The format has ${places} places for ${values.length} arguments`);
}

/** As Java's toString: strings without quotes, objects as `{a=1, b=[]}`. */
function spell(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(spell).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}=${spell(member)}`)
    .join(', ')}}`;
}
