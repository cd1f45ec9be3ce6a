import type { Transformer } from './case-format.ts';
import { findPath } from './document-path.ts';
import { isObject, type Json, type JsonObject, walkMembers } from './json-tree.ts';
import { sortParallelEvents } from './parallel-events.ts';
import type { Substitutions } from './substitutions.ts';

export interface Tools {
  tree: JsonObject;
  substitutions: Substitutions;
  /** Resolves `@{...}`. */
  fillInText(text: string): string;
}

/** Edits the tree, or registers a substitution, as the kind of the transformer says. */
export function applyTransformer(transformer: Transformer, tools: Tools): void {
  const [kind, first, ...rest] = transformer as [string, string, ...unknown[]];
  const { tree, substitutions, fillInText } = tools;
  const [replacement, byReference] = [String(rest[0]), rest[1] === true];
  if (kind === 'regex') substitutions.pattern(fillInText(first), replacement);
  else if (kind === 'jsonpath') replaceMatches(tools, first, replacement, byReference);
  else if (kind === 'key') replaceMembers(tools, valuesOf(first), replacement, byReference);
  else if (kind === 'mapRunArns') replaceMapRuns(substitutions, fillInText(`@{${first}}`));
  else if (kind === 'named' && edits[first]) edits[first](tree);
  else if (kind === 'named' && values[first]) replaceMembers(tools, values[first], replacement, byReference);
  else throw new Error(`The transformer ${JSON.stringify(transformer)} is not known.`);
}

function valuesOf(wanted: string): Find {
  return (name, value) => (name === wanted && value !== null && value !== '' ? value : undefined);
}

function replaceMatches({ tree, substitutions }: Tools, path: string, replacement: string, byReference: boolean): void {
  for (const { value, parent, key } of findPath(tree, path)) {
    if (byReference) substitutions.reference(value, replacement);
    else (parent as Record<string | number, unknown>)[key] = replacement;
  }
}

type Find = (name: string, value: Json) => Json | undefined;

function replaceMembers({ tree, substitutions }: Tools, find: Find, replacement: string, byReference: boolean): void {
  walkMembers(tree, (name, value, node, key) => {
    const found = find(name, value);
    if (found === undefined) return false;
    if (byReference) substitutions.reference(found, replacement);
    else if (typeof value === 'string') node[key] = value.replaceAll(String(found), () => replacement);
    else node[key] = replacement;
    return true;
  });
}

/** Finders by name: which part of a member's value is to be replaced. */
const values: Record<string, Find> = {
  arnResourceName: (_name, value) => (typeof value === 'string' ? resourceName(value) : undefined),
  snsSigningCertPem: (name, value) =>
    name === 'SigningCertURL' ? /SimpleNotificationService-(.*\.pem)/.exec(String(value))?.[1] : undefined,
  snsUnsubscribeUrlArn: (name, value) =>
    name === 'UnsubscribeURL' ? /\?Action=Unsubscribe&SubscriptionArn=.*:(.*)/.exec(String(value))?.[1] : undefined,
};

const arnPattern = /^arn:(?:aws[a-zA-Z-]*)?:(?:[a-zA-Z0-9-_.]+)?:(?:[^:]+)?:(?:\d{12})?:(.*)/;

function resourceName(text: string): string | undefined {
  const resource = arnPattern.exec(text)?.[1];
  if (resource === undefined || /^<.*>$/.test(resource)) return undefined;
  if (resource.includes('/')) return resource.split('/').at(-1);
  if (resource.startsWith('function:')) return resource.slice('function:'.length).split('$', 1)[0]!.replace(/:+$/, '');
  return resource.split(':').at(-1);
}

const edits: Record<string, (tree: JsonObject) => void> = {
  parseOutputJson: parseOutputs,
  sortVariableReferences(tree) {
    for (const { value } of findPath(tree, '$..variableReferences')) {
      for (const names of Object.values(value as Record<string, string[]>)) names.sort();
    }
  },
  sortParallelEvents(tree) {
    for (const { value } of findPath(tree, '$..events'))
      if (Array.isArray(value)) sortParallelEvents(value as JsonObject[]);
  },
};

/** In each object, the first member object that has a text `output` gets it parsed, whatever JSON it is. */
function parseOutputs(node: JsonObject): void {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const item of value) if (isObject(item)) parseOutputs(item);
    if (!isObject(value)) continue;
    if (typeof value.output === 'string') {
      try {
        value.output = JSON.parse(value.output) as Json;
        return;
      } catch {
        // Not JSON: it stays a text, and the search goes on.
      }
    }
    parseOutputs(value);
  }
}

/** `<prefix>/<label or UUID>:<UUID>`. */
function replaceMapRuns(substitutions: Substitutions, found: string): void {
  const arns = found.startsWith('[') ? (JSON.parse(found) as string[]) : [found];
  for (const [index, arn] of [...new Set(arns)].sort().entries()) {
    const [label = '', id = ''] = arn.split('/').at(-1)!.split(':');
    substitutions.pattern(id, `<MapRunArnPart1_${index}idx>`);
    if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/i.test(label)) {
      substitutions.pattern(label, `<MapRunArnPart0_${index}idx>`);
    }
  }
}
