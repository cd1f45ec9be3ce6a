import { findPath } from './document-path.ts';

/** Answers the value that the first part of a reference names: a step, `run0`, `run0.history`, `create`. */
export type Lookup = (name: string) => unknown;

const dayMs = 24 * 60 * 60 * 1000;

/** Replaces every `@{R}` in every string, and every `{"$ref": R}` by the value itself. */
export function fillIn(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') return fillInText(value, lookup);
  if (Array.isArray(value)) return value.map((item) => fillIn(item, lookup));
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return value;
  if ('$ref' in value && Object.keys(value).length === 1) return resolveReference(String(value.$ref), lookup);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fillIn(member, lookup)]));
}

export function fillInText(text: string, lookup: Lookup): string {
  return text.replaceAll(/@\{([^{}]+)\}/g, (_whole, reference: string) => {
    const value = resolveReference(reference, lookup);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** `s3.Messages[0].Body|fromJson.TaskToken`, `run0.history|jsonpath($..mapRunArn)`, `now+3d`. */
export function resolveReference(reference: string, lookup: Lookup): unknown {
  const [, name = '', rest = ''] = /^(run\d+\.(?:history|describe)|[A-Za-z0-9_+-]+)(.*)$/s.exec(reference) ?? [];
  let value = /^now/.test(name) ? instant(name, lookup) : lookup(name);
  for (let left = rest; left !== ''; ) {
    const [step, after] = takeStep(left, reference);
    value = step(value);
    left = after;
  }
  return value;
}

type Access = (value: unknown) => unknown;

function takeStep(text: string, reference: string): [Access, string] {
  const forms: [RegExp, (...groups: string[]) => Access][] = [
    [/^\.([A-Za-z0-9_-]+)/, (name) => (value) => memberOf(value, name!)],
    [/^\[(-?\d+)\]/, (index) => (value) => (value as unknown[]).at(Number(index))],
    [/^\[(-?\d*):(-?\d*)\]/, (from, to) => (value) => slice(value as string | unknown[], from!, to!)],
    [
      /^\[\?(\w+)==["']([^"']*)["']\]/,
      (member, wanted) => (value) =>
        (value as Record<string, unknown>[]).find((item) => String(item[member!]) === wanted),
    ],
    [/^\|fromJson/, () => (value) => JSON.parse(String(value))],
    [/^\|toJson/, () => (value) => JSON.stringify(value)],
    [/^\|jsonpath\((.*?)\)/, (path) => (value) => single(findPath(value, path!).map((match) => match.value))],
  ];
  for (const [pattern, make] of forms) {
    const match = pattern.exec(text);
    if (match) return [make(...match.slice(1)), text.slice(match[0].length)];
  }
  throw new Error(`The reference ${reference} cannot be read from ${text} on.`);
}

function memberOf(value: unknown, name: string): unknown {
  const arn = (value as { executionArn?: string } | undefined)?.executionArn;
  if (name === 'executionName' && arn !== undefined) return arn.split(':').at(-1);
  if (name === 'executionId' && arn !== undefined) return arn.split(':').at(-2);
  const member = (value as Record<string, unknown> | undefined)?.[name];
  if (member === undefined) throw new Error(`The answer has no ${name}.`);
  return member;
}

function slice(value: string | unknown[], from: string, to: string): unknown {
  return value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to));
}

function single(values: unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}

/** `now`, `now+24855d`: the case's own instant, to the second. */
function instant(text: string, lookup: Lookup): string {
  const days = Number(/^now(?:\+(\d+)d)?$/.exec(text)?.[1] ?? 0);
  return new Date((lookup('now') as number) + days * dayMs).toISOString().slice(0, 19);
}
