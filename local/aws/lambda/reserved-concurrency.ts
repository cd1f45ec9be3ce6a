/**
 * How many invocations of a function may run at the same time: what the template says, until an operator says otherwise. What was put
 * holds over restarts, and ends when the template itself changes its number, as a deployment would overwrite it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
import type { Checkpoints } from '../../engine/checkpoints.ts';
import { ServiceError } from '../../engine/ports.ts';
import type { FunctionDefinition } from './functions.ts';

export interface ReservedConcurrency {
  /** Undefined: as many as there is room for. 0: none, every invocation is refused. */
  of(functionName: string): number | undefined;
  /** Stored when it resolves. Throws InvalidParameterValueException. */
  put(functionName: string, reserved: number): Promise<void>;
  delete(functionName: string): Promise<void>;
  /** These are the functions from now on. */
  follow(functions: readonly FunctionDefinition[]): void;
}

/** `null` stands for no number. */
interface Put {
  template: number | null;
  reserved: number | null;
}

const source = 'lambda-reserved-concurrency';
/** Of an account, and what of it must be left to functions without a reservation. */
const accountLimit = 1_000;
const unreservedMinimum = 100;

/** Without a `store`, what is put is forgotten with the process. */
export function openReservedConcurrency(
  functions: readonly FunctionDefinition[],
  store?: Checkpoints,
): ReservedConcurrency {
  const inTemplate = new Map<string, number | null>();
  const current = new Map<string, number | null>();
  /** What was put, as it is stored. */
  const put = new Map<string, Put>();
  for (const { key, value } of store?.list(source) ?? []) put.set(key, JSON.parse(value));

  function follow(definitions: readonly FunctionDefinition[]): void {
    inTemplate.clear();
    current.clear();
    for (const { functionName, reservedConcurrency = null } of definitions) {
      inTemplate.set(functionName, reservedConcurrency);
      const stored = put.get(functionName);
      current.set(functionName, stored?.template === reservedConcurrency ? stored.reserved : reservedConcurrency);
    }
  }
  follow(functions);

  async function set(functionName: string, reserved: number | null): Promise<void> {
    const stored: Put = { template: inTemplate.get(functionName) ?? null, reserved };
    await store?.set(source, functionName, JSON.stringify(stored));
    put.set(functionName, stored);
    current.set(functionName, reserved);
  }

  return {
    of: (functionName) => current.get(functionName) ?? undefined,
    async put(functionName, reserved) {
      let others = 0;
      for (const [name, one] of current) if (name !== functionName) others += one ?? 0;
      if (others + reserved > accountLimit - unreservedMinimum) {
        throw new ServiceError(
          'InvalidParameterValueException',
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreservedMinimum}].`,
        );
      }
      await set(functionName, reserved);
    },
    delete: (functionName) => set(functionName, null),
    follow,
  };
}
