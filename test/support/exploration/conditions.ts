/**
 * A condition of DynamoDB with one part of it left out. Knows AND, OR and parentheses, which is all that ours have; throws
 * at what it would read wrongly.
 */
export interface Weakened {
  /** What was left out, as it is written in the condition. */
  without: string;
  /** undefined: the whole condition was left out. */
  condition: string | undefined;
}

/** The condition without each of its parts in turn: the whole, and every operand of every AND and OR. */
export function weakenings(condition: string): Weakened[] {
  const whole: Weakened = { without: condition, condition: undefined };
  return [whole, ...withoutOneOperand(parse(condition)).filter(({ without }) => without !== condition)];
}

type Node = { text: string; operator?: 'AND' | 'OR'; operands: Node[] };

function parse(text: string): Node {
  const inner = unwrapped(text.trim());
  for (const operator of ['OR', 'AND'] as const) {
    const parts = splitAtTop(inner, operator);
    if (parts.length > 1) return { text: inner, operator, operands: parts.map(parse) };
  }
  if (/\b(NOT|BETWEEN)\b/.test(inner)) throw new Error(`cannot take this condition apart: ${inner}`);
  return { text: inner, operands: [] };
}

function withoutOneOperand({ operator, operands }: Node): Weakened[] {
  const joined = (texts: string[]) => texts.join(` ${operator} `);
  const grouped = (node: Node) => (node.operator ? `(${node.text})` : node.text);
  return operands.flatMap((operand, index) => {
    const others = operands.filter((other) => other !== operand).map(grouped);
    const left: Weakened = { without: operand.text, condition: joined(others) };
    const deeper = withoutOneOperand(operand).map(({ without, condition }) => ({
      without,
      condition: joined(operands.map((other, at) => (at === index ? `(${condition})` : grouped(other)))),
    }));
    return [left, ...deeper];
  });
}

/** Without the parentheses around the whole, if they belong together. */
function unwrapped(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  const inside = text.slice(1, -1);
  return depths(inside).every((depth) => depth >= 0) ? unwrapped(inside.trim()) : text;
}

function splitAtTop(text: string, operator: string): string[] {
  const depth = depths(text);
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(new RegExp(`\\s${operator}\\s`, 'g'))) {
    if (depth[match.index] !== 0) continue;
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

/** How deep in parentheses each character stands. */
function depths(text: string): number[] {
  let depth = 0;
  return [...text].map((character) => {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    return depth;
  });
}

export interface ConditionalWrite {
  TableName?: string;
  Key?: Record<string, unknown>;
  Item?: Record<string, unknown>;
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/** The write with this condition, and without the names and values that it does not use any more: DynamoDB insists. */
export function withCondition(write: ConditionalWrite, condition: string | undefined): ConditionalWrite {
  const { ConditionExpression: _, ExpressionAttributeNames, ExpressionAttributeValues, ...rest } = write;
  const used = new Set(`${condition} ${rest.UpdateExpression}`.match(/[#:]\w+/g));
  const only = <Value>(all: Record<string, Value> = {}) =>
    Object.fromEntries(Object.entries(all).filter(([placeholder]) => used.has(placeholder)));
  const some = <Value>(all: Record<string, Value>) => (Object.keys(all).length > 0 ? all : undefined);
  const [names, values] = [some(only(ExpressionAttributeNames)), some(only(ExpressionAttributeValues))];
  return {
    ...rest,
    ...(condition && { ConditionExpression: condition }),
    ...(names && { ExpressionAttributeNames: names }),
    ...(values && { ExpressionAttributeValues: values }),
  };
}
