import type { Condition, Operand, PathStep } from './json-path-syntax.ts';
import { isEqual, isObject, type Json } from './json-text.ts';

/** Everything that the steps lead to, in document order; what a step finds nothing in drops out. */
export function select(steps: PathStep[], from: Json, document: Json): Json[] {
  return steps.reduce<Json[]>((found, step) => found.flatMap((value) => selectStep(step, value, document)), [from]);
}

/** One more pair of brackets around arrays: `flatMap` takes one away. */
function selectStep(step: PathStep, value: Json, document: Json): Json[] {
  switch (step.type) {
    case 'member':
      return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]!] : [];
    case 'members':
      return isObject(value) ? [pick(value, step.names)] : [];
    case 'index':
      return Array.isArray(value) ? pickIndexes(value, [step.index]) : [];
    case 'indexes':
      return Array.isArray(value) ? pickIndexes(value, step.indexes) : [];
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case 'wildcard':
      return childrenOf(value);
    case 'descend':
      return withDescendants(value);
    case 'filter':
      // An object is put to the test itself, an array's items one by one.
      return (Array.isArray(value) ? value : [value]).filter((item) => holds(step.condition, item, document));
    case 'function':
      return [];
  }
}

/** `['a', 'b']` gives one object with those members that there are. */
export function pick(value: { [member: string]: Json }, names: string[]): Json {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]!]));
}

function pickIndexes(array: Json[], indexes: number[]): Json[] {
  return indexes.map((index) => array.at(index)).filter((item) => item !== undefined);
}

function childrenOf(value: Json): Json[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function withDescendants(value: Json): Json[] {
  return [value, ...childrenOf(value).flatMap(withDescendants)];
}

function holds(condition: Condition, item: Json, document: Json): boolean {
  switch (condition.type) {
    case 'or':
      return condition.parts.some((part) => holds(part, item, document));
    case 'and':
      return condition.parts.every((part) => holds(part, item, document));
    case 'not':
      return !holds(condition.part, item, document);
    case 'exists':
      return condition.operand.type === 'path' && valueAt(condition.operand, item, document) !== undefined;
    case 'comparison':
      return compare(condition.operator, condition.left, condition.right, item, document);
  }
}

function compare(operator: string, left: Operand, right: Operand, item: Json, document: Json): boolean {
  const a = valueAt(left, item, document);
  if (operator === '=~') return right.type === 'pattern' && typeof a === 'string' && matchesWhole(right.pattern, a);
  const b = valueAt(right, item, document);
  if (operator === '!=') return a === undefined || b === undefined ? a !== b : !isEqual(a, b);
  if (a === undefined || b === undefined) return false;
  const comparable = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string');
  switch (operator) {
    case '==':
      return isEqual(a, b);
    case '<':
      return comparable && a! < b!;
    case '<=':
      return comparable && a! <= b!;
    case '>':
      return comparable && a! > b!;
    case '>=':
      return comparable && a! >= b!;
    case 'contains':
      return typeof a === 'string' && typeof b === 'string' ? a.includes(b) : isMember(b, a);
    case 'in':
      return isMember(a, b);
    case 'nin':
      return !isMember(a, b);
    case 'size':
      return (typeof a === 'string' || Array.isArray(a)) && a.length === b;
    case 'empty':
      return (typeof a === 'string' || Array.isArray(a)) && (a.length === 0) === b;
    case 'anyof':
      return Array.isArray(a) && a.some((one) => isMember(one, b));
    case 'noneof':
      return Array.isArray(a) && !a.some((one) => isMember(one, b));
    case 'subsetof':
      return Array.isArray(a) && a.every((one) => isMember(one, b));
    default:
      return false;
  }
}

function valueAt(operand: Operand, item: Json, document: Json): Json | undefined {
  if (operand.type === 'literal') return operand.value;
  if (operand.type === 'pattern') return undefined;
  return select(operand.steps, operand.from === '@' ? item : document, document)[0];
}

function isMember(value: Json, list: Json): boolean {
  return Array.isArray(list) && list.some((one) => isEqual(one, value));
}

/** As Java's `matches`: the whole text, not a part of it. */
function matchesWhole(pattern: RegExp, text: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(text);
}
