/** The value of an expression, given those of the metrics that it names. */
export type MetricExpression = (values: Readonly<Record<string, number>>) => number;

const operators: Record<string, (left: number, right: number) => number> = {
  OR: (left, right) => truth(left !== 0 || right !== 0),
  AND: (left, right) => truth(left !== 0 && right !== 0),
  '<': (left, right) => truth(left < right),
  '<=': (left, right) => truth(left <= right),
  '>': (left, right) => truth(left > right),
  '>=': (left, right) => truth(left >= right),
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

/** The loosest first. */
const levels = [
  ['OR', '||'],
  ['AND', '&&'],
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
];
const spellings: Record<string, string> = { '||': 'OR', '&&': 'AND' };

/**
 * Parses what alarms need of CloudWatch's metric math: arithmetic, comparisons, AND, OR and IF. Undefined for anything else.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function parseMetricMath(text: string): MetricExpression | undefined {
  const tokens = text.match(/\d+(\.\d+)?|[A-Za-z]\w*|<=|>=|==|!=|&&|\|\||\S/g) ?? [];
  const parser = new Parser(tokens);
  try {
    const expression = parser.binary(0);
    return parser.isDone ? expression : undefined;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

class Unknown extends Error {}

class Parser {
  readonly #tokens: string[];
  #next = 0;

  constructor(tokens: string[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#next === this.#tokens.length;
  }

  binary(level: number): MetricExpression {
    const symbols = levels[level];
    if (!symbols) return this.#operand();
    let left = this.binary(level + 1);
    for (let symbol = this.#peek(); symbols.includes(symbol); symbol = this.#peek()) {
      this.#next += 1;
      const operate = operators[spellings[symbol] ?? symbol]!;
      const [first, second] = [left, this.binary(level + 1)];
      left = (values) => operate(first(values), second(values));
    }
    return left;
  }

  #operand(): MetricExpression {
    const token = this.#peek();
    this.#next += 1;
    if (/^\d/.test(token)) return () => Number(token);
    if (token === '(') return this.#closing(this.binary(0));
    if (token === 'IF') return this.#condition();
    // Names of metrics begin with a lower case letter, those of functions are all upper case.
    if (!/^[a-z]/.test(token)) throw new Unknown();
    return (values) => values[token] ?? Number.NaN;
  }

  #condition(): MetricExpression {
    this.#expect('(');
    const test = this.binary(0);
    this.#expect(',');
    const whenTrue = this.binary(0);
    this.#expect(',');
    const whenFalse = this.#closing(this.binary(0));
    return (values) => (test(values) !== 0 ? whenTrue(values) : whenFalse(values));
  }

  #closing(expression: MetricExpression): MetricExpression {
    this.#expect(')');
    return expression;
  }

  #expect(token: string): void {
    if (this.#peek() !== token) throw new Unknown();
    this.#next += 1;
  }

  #peek(): string {
    return this.#tokens[this.#next] ?? '';
  }
}

function truth(value: boolean): number {
  return value ? 1 : 0;
}
