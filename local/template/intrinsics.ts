import { CannotStart } from '../cannot-start.ts';

/** What an intrinsic function may look up. */
export interface Scope {
  /** Value of `Ref`: parameter, pseudo parameter or resource. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  findInMap(map: string, first: string, second: string): unknown;
}

/** Result of a branch that says `AWS::NoValue`: the member or the element that holds it disappears. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Record<string, Intrinsic> = {
  Ref: (name, scope) => scope.ref(text(name, 'Ref')),
  'Fn::GetAtt': (target, scope) => {
    const [logicalId, attribute] = typeof target === 'string' ? splitOnce(target, '.') : list(target, 'Fn::GetAtt');
    return scope.getAtt(text(logicalId, 'Fn::GetAtt'), text(resolve(attribute, scope), 'Fn::GetAtt'));
  },
  'Fn::Sub': (argument, scope) => {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return substitute(text(template, 'Fn::Sub'), (variables ?? {}) as Record<string, unknown>, scope);
  },
  'Fn::Join': (argument, scope) => {
    const [delimiter, values] = list(argument, 'Fn::Join');
    return list(resolve(values, scope), 'Fn::Join')
      .map((value) => text(value, 'Fn::Join'))
      .join(text(delimiter, 'Fn::Join'));
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter, source] = list(argument, 'Fn::Split');
    return text(resolve(source, scope), 'Fn::Split').split(text(delimiter, 'Fn::Split'));
  },
  'Fn::Select': (argument, scope) => {
    const [position, values] = list(argument, 'Fn::Select');
    const index = Number(resolve(position, scope));
    const found = list(resolve(values, scope), 'Fn::Select')[index];
    if (found === undefined) throw new CannotStart(`Fn::Select: there is no element ${index}.`);
    return found;
  },
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument, 'Fn::If');
    return resolve(scope.condition(text(name, 'Fn::If')) ? whenTrue : whenFalse, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(resolve(argument, scope), 'Fn::FindInMap');
    return scope.findInMap(text(map, 'Fn::FindInMap'), text(first, 'Fn::FindInMap'), text(second, 'Fn::FindInMap'));
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(resolve(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(resolve(argument, scope), 'Fn::Equals');
    return typeof left === 'object' ? JSON.stringify(left) === JSON.stringify(right) : String(left) === String(right);
  },
  'Fn::Not': (argument, scope) => !isTrue(list(argument, 'Fn::Not')[0], scope),
  'Fn::And': (argument, scope) => list(argument, 'Fn::And').every((one) => isTrue(one, scope)),
  'Fn::Or': (argument, scope) => list(argument, 'Fn::Or').some((one) => isTrue(one, scope)),
  Condition: (name, scope) => scope.condition(text(name, 'Condition')),
};

/**
 * Evaluates the intrinsic functions anywhere inside `value` and leaves everything else as it is.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((one) => resolve(one, scope)).filter((one) => one !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  const [first] = members;
  // `Condition` is an intrinsic only inside a condition; an IAM statement has a member of that name with an object in it.
  if (first && members.length === 1 && (first[0] !== 'Condition' || typeof first[1] === 'string')) {
    const intrinsic = INTRINSICS[first[0]];
    if (intrinsic) return intrinsic(first[1], scope);
    if (first[0].startsWith('Fn::'))
      throw new CannotStart(`The template uses ${first[0]}, which does not run locally.`);
  }
  const resolved = members.map(([key, one]) => [key, resolve(one, scope)] as const);
  return Object.fromEntries(resolved.filter(([, one]) => one !== NO_VALUE));
}

/** `${Name}`, `${Resource.Attribute}`, and `${!Literal}` which stands for `${Literal}`. */
function substitute(template: string, variables: Record<string, unknown>, scope: Scope): string {
  return template.replace(/\$\{([^}]*)\}/g, (_whole, expression: string) => {
    const name = expression.trim();
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(variables, name)) return text(resolve(variables[name], scope), 'Fn::Sub');
    const [logicalId, attribute] = splitOnce(name, '.');
    return text(attribute === undefined ? scope.ref(name) : scope.getAtt(logicalId, attribute), 'Fn::Sub');
  });
}

function isTrue(condition: unknown, scope: Scope): boolean {
  return resolve(condition, scope) === true;
}

function splitOnce(value: string, delimiter: string): [string, string | undefined] {
  const at = value.indexOf(delimiter);
  return at < 0 ? [value, undefined] : [value.slice(0, at), value.slice(at + delimiter.length)];
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new CannotStart(`${where}: expected a text, found ${JSON.stringify(value)}.`);
}

function list(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new CannotStart(`${where}: expected a list, found ${JSON.stringify(value)}.`);
}
