import type { Clock, FunctionInvoker } from './ports.ts';

export interface CallFilter {
  functionName: string;
  version?: string;
  /** Only those that failed. */
  failed: boolean;
  since: number;
}

/** Counts the calls that tasks make of functions, for alarms. In memory: a restart begins with none. */
export interface FunctionCalls {
  /** The same, counted. */
  counting(invoke: FunctionInvoker['invoke']): FunctionInvoker['invoke'];
  /** When they were made, in order. */
  times(filter: CallFilter): number[];
  /** Calls back after every call that failed. */
  onFailure(listener: () => void): void;
}

interface Call {
  at: number;
  functionName: string;
  version: string;
  failed: boolean;
}

/** The longest period that an alarm can have, and more calls than anyone makes here in it. */
const keptMs = 24 * 60 * 60 * 1000;
const mostCalls = 100_000;

export function createFunctionCalls(clock: Pick<Clock, 'now'>): FunctionCalls {
  const listeners: (() => void)[] = [];
  let calls: Call[] = [];

  function record(call: Call): void {
    calls.push(call);
    if (calls.length > mostCalls) calls = calls.slice(mostCalls / 2).filter(({ at }) => at > call.at - keptMs);
    if (call.failed) for (const listener of listeners) listener();
  }

  return {
    counting: (invoke) => async (functionName, payload, options) => {
      const at = clock.now();
      const result = await invoke(functionName, payload, options);
      const failed = result.functionError !== undefined;
      record({ at, functionName: nameIn(functionName), version: result.executedVersion, failed });
      return result;
    },
    times({ functionName, version, failed, since }) {
      return calls
        .filter((call) => call.at >= since && call.functionName === functionName)
        .filter((call) => (version === undefined || call.version === version) && (!failed || call.failed))
        .map(({ at }) => at);
    },
    onFailure(listener) {
      listeners.push(listener);
    },
  };
}

/** A name, an ARN, or either with a qualifier. */
function nameIn(functionName: string): string {
  return /^arn:.*:function:([^:]+)/.exec(functionName)?.[1] ?? functionName.replace(/:.*$/, '');
}
