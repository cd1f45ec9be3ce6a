import type { Transformer } from './case-format.ts';
import { pythonJson } from './exact-json.ts';
import { isDate, isObject, type Json, type JsonObject, walkMembers } from './json-tree.ts';
import { createSubstitutions, type Substitutions } from './substitutions.ts';
import { applyTransformer } from './transformers.ts';

const account = '111111111111';
const region = 'us-east-1';
const partition = 'aws';

const head: Transformer[] = [
  ['jsonpath', '$..SdkHttpMetadata..Date', 'date', false],
  ['jsonpath', '$..SdkResponseMetadata..RequestId', 'RequestId', false],
  ...['X-Amzn-Trace-Id', 'x-amz-crc32', 'x-amzn-RequestId', 'x-amzn-requestid'].map(
    (name): Transformer => ['jsonpath', `$..${name}`, name, false],
  ),
];

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const dateTime = /[1-9]\d{3}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-][01]\d:?(?:[0-5]\d)?)/;

/**
 * Takes out of the answers what differs from run to run: first order, then JSON inside texts, then the transformers, which edit the
 * tree or register substitutions, and last the substitutions in the text of each answer.
 */
export function normalize(
  observed: Record<string, unknown>,
  transformers: Transformer[],
  fillInText: (text: string) => string,
): JsonObject {
  const tree = Object.fromEntries(Object.entries(observed).map(([key, value]) => [key, inOrder(value)]));
  parseTexts(tree);
  const substitutions = createSubstitutions();
  const tools = { tree, substitutions, fillInText };
  for (const transformer of transformers.filter(isFirst))
    applyTransformer(transformer.slice(0, -1) as Transformer, tools);
  for (const transformer of head) applyTransformer(transformer, tools);
  referenceJsonInCauses(tree, substitutions);
  for (const transformer of transformers.filter((one) => !isFirst(one))) applyTransformer(transformer, tools);
  finish(tree, substitutions);
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, JSON.parse(substitutions.applyTo(pythonJson(value)))]),
  );
}

function isFirst(transformer: Transformer): boolean {
  return (transformer.at(-1) as { priority?: number } | null)?.priority === -1;
}

/** Members by name, the metadata of the answer last: the numbering of substitutions follows this order. */
function inOrder(value: unknown): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || isDate(value)) return value as Json;
  const names = Object.keys(value).sort((a, b) => {
    if (a === 'ResponseMetadata' || b === 'ResponseMetadata') return a === b ? 0 : a === 'ResponseMetadata' ? 1 : -1;
    return a < b ? -1 : 1;
  });
  return Object.fromEntries(names.map((name) => [name, inOrder((value as Record<string, unknown>)[name])]));
}

/** Texts that are JSON objects become objects; what is inside those stays as it is. */
function parseTexts(node: JsonObject): void {
  for (const [name, value] of Object.entries(node)) {
    if (Array.isArray(value)) for (const item of value) if (isObject(item)) parseTexts(item);
    if (isObject(value)) parseTexts(value);
    if (typeof value === 'string' && value.startsWith('{')) {
      const parsed = tryParse(value);
      if (parsed !== undefined) node[name] = parsed;
    }
  }
}

/** The input is quoted in the middle of many causes: `... in the input '{...}'`. */
function referenceJsonInCauses(tree: JsonObject, substitutions: Substitutions): void {
  walkMembers(tree, (name, value) => {
    if (name !== 'cause' || typeof value !== 'string') return false;
    const quoted = /^.*'(\{.*\})'/.exec(value)?.[1];
    if (quoted === undefined || tryParse(quoted) === undefined) return false;
    substitutions.reference(quoted, 'json-input');
    return true;
  });
}

function finish(tree: JsonObject, substitutions: Substitutions): void {
  substitutions.pattern(account, '111111111111');
  substitutions.pattern(region, '<region>');
  substitutions.pattern(`arn:${partition}:`, 'arn:<partition>:');
  walkMembers(tree, (name, value) => {
    if (!/id$/i.test(name) || typeof value !== 'string' || !uuid.test(value)) return false;
    substitutions.reference(value, 'uuid');
    return true;
  });
  substitutions.pattern(dateTime, (match) => (isCalendarDay(match.slice(0, 10)) ? 'date' : match));
  walkMembers(tree, (_name, value, node, key) => {
    if (!isDate(value)) return false;
    node[key] = 'datetime';
    return true;
  });
  walkMembers(tree, (name, value, node, key) => {
    const isTimestamp = /timestamp/i.test(name) || name === 'creationTime' || name === 'ingestionTime';
    if (!isTimestamp || (typeof value === 'string' && startsWithDateTime(value))) return false;
    node[key] = 'timestamp';
    return true;
  });
}

function startsWithDateTime(text: string): boolean {
  const match = dateTime.exec(text);
  return match?.index === 0 && isCalendarDay(text.slice(0, 10));
}

function isCalendarDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

function tryParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
