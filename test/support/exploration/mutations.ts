import { type ConditionalWrite, type Weakened, weakenings, withCondition } from './conditions.ts';
import type { Call } from './sdk-calls.ts';

/** One conditional write of the product, as it was seen in calls. */
export interface SeenWrite {
  condition: string;
  /** What it does, and to which item: two writes that differ in either are two. */
  does: string;
  /** Who makes it. */
  by: Set<string>;
  /** Where it was seen. */
  where: Set<string>;
}

/** One write with one part of its condition left out. */
export interface Mutation extends Weakened {
  write: SeenWrite;
}

type Input = ConditionalWrite & { TransactItems?: Record<string, ConditionalWrite>[] };

/** Gathers the conditional writes to one table from the calls that come by. */
export function watchWrites(table: string, kindOf: (item: Record<string, unknown>) => string) {
  const seen = new Map<string, SeenWrite>();

  const identify = ({ UpdateExpression = 'Put', ConditionExpression = '', Key, Item }: ConditionalWrite, call: Call) =>
    `${call.operation} ${kindOf(Key ?? Item!)}: ${UpdateExpression} IF ${ConditionExpression}`;
  const isOurs = (write: ConditionalWrite) => write.TableName === table && write.ConditionExpression !== undefined;

  /** The input with each conditional write to the table replaced. */
  function mapWrites(call: Call, change: (write: ConditionalWrite) => ConditionalWrite): object {
    const input = call.input as Input;
    const changed = (write: ConditionalWrite) => (isOurs(write) ? change(write) : write);
    if (!input.TransactItems) return changed(input);
    const items = input.TransactItems.map((item) =>
      Object.fromEntries(Object.entries(item).map(([kind, write]) => [kind, changed(write)])),
    );
    return { ...input, TransactItems: items };
  }

  return {
    seen,
    /** Takes note of calls, and leaves them as they are. */
    noteIn(where: string) {
      const noted = new Set<Call>();
      return (call: Call, by: string): object => {
        if (noted.has(call)) return call.input;
        noted.add(call);
        mapWrites(call, (write) => {
          const does = identify(write, call);
          const known: SeenWrite = seen.get(does) ?? {
            condition: write.ConditionExpression!,
            does,
            by: new Set(),
            where: new Set(),
          };
          known.by.add(by.replace(/ \(.*/, ''));
          known.where.add(where);
          seen.set(does, known);
          return write;
        });
        return call.input;
      };
    },
    /** The input of each call under this mutation. */
    under({ write: mutated, condition }: Mutation): (call: Call) => object {
      const inputs = new Map<Call, object>();
      return (call) => {
        const known = inputs.get(call);
        if (known) return known;
        let touched = false;
        const input = mapWrites(call, (write) => {
          if (identify(write, call) !== mutated.does) return write;
          touched = true;
          return withCondition(write, condition);
        });
        inputs.set(call, touched ? input : call.input);
        return inputs.get(call)!;
      };
    },
    mutations: (): Mutation[] =>
      [...seen.values()].flatMap((write) => weakenings(write.condition).map((weakened) => ({ ...weakened, write }))),
  };
}

/** Whether a condition that stands in a source file (with `${...}` for anything) is this one. */
export function couldRead(source: string, condition: string): boolean {
  const pattern = source
    .split(/\$\{[^}]*\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(condition);
}

/** The conditions that stand in a source file. Throws at one that does not stand where it is used. */
export function conditionsIn(source: string): string[] {
  return [...source.matchAll(/(?<!Key)ConditionExpression:\s*(?:\/\/.*\s*)*(?:(['"`])(.*?)\1|(.*))/g)].map(
    ([, , text, other]) => {
      if (text === undefined) throw new Error(`a condition that cannot be read in the source: ${other}`);
      return text;
    },
  );
}
