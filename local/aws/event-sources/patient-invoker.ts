/** Runs a function for a queue, whose messages stay hidden meanwhile: a batch that is throttled is tried again for as long as they do. */
import { type Clock, type FunctionInvoker, type FunctionResult, ServiceError } from '../../engine/ports.ts';
import { createRests, type Rests } from './rests.ts';

export interface PatientInvokerOptions {
  invoker: FunctionInvoker;
  functionName: string;
  clock: Clock;
  /** False: what is throttled is left. */
  goesOn(): boolean;
  /** A batch is throttled, and waits for its next attempt. */
  rested(): void;
  /** The first time that a batch is refused. */
  refused(error: ServiceError): void;
}

export interface PatientInvoker {
  /** The batches that are throttled and wait. */
  readonly rests: Rests;
  /** Undefined: the function was not run (throttled all the time, unknown). */
  invoke(payload: string, messages: number, hiddenUntil: number): Promise<FunctionResult | undefined>;
}

/** Before a throttled batch is tried again; twice as long each further time, until the function takes one. */
const firstRestMs = 1_000;
const longestRestMs = 300_000;

export function createPatientInvoker(options: PatientInvokerOptions): PatientInvoker {
  const { invoker, functionName, clock, goesOn, rested, refused } = options;
  const rests = createRests(clock);
  /** The source backs off as a whole: a function that takes nothing for hours is not asked by every message that comes again. */
  let nextRestMs = firstRestMs;
  return {
    rests,
    async invoke(payload, messages, hiddenUntil) {
      for (let attempts = 1; ; attempts++) {
        try {
          const result = await invoker.invoke(functionName, payload);
          nextRestMs = firstRestMs;
          return result;
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          if (attempts === 1) refused(error);
          const leftMs = hiddenUntil - clock.now();
          if (error.statusCode !== 429 || !goesOn() || leftMs <= 0) return undefined;
          // It keeps its place in hand to the end, so that no others are received only to be refused as well.
          const restMs = Math.min(nextRestMs, leftMs);
          nextRestMs = Math.min(nextRestMs * 2, longestRestMs);
          const rest = rests.rest(restMs, messages);
          rested();
          if (!(await rest) || clock.now() >= hiddenUntil) return undefined;
        }
      }
    },
  };
}
