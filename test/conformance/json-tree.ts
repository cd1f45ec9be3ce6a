export type Json = null | boolean | number | string | Date | Json[] | { [name: string]: Json };
export type JsonObject = Record<string, Json>;

export function isDate(value: unknown): value is Date {
  return value instanceof Date;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isDate(value);
}

/**
 * Visits the members of an object and of the objects below it, also those that are items of an array (but not of an array in an
 * array). `visit` answers true when it has dealt with a member: nothing below that one is visited then.
 */
export function walkMembers(
  node: JsonObject,
  visit: (name: string, value: Json, node: JsonObject, key: string) => boolean,
): void {
  for (const [name, value] of Object.entries(node)) {
    if (visit(name, value, node, name)) continue;
    if (Array.isArray(value)) {
      for (const item of value) if (isObject(item)) walkMembers(item, visit);
    } else if (isObject(value)) {
      walkMembers(value, visit);
    }
  }
}
