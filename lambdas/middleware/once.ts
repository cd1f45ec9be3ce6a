import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { Context } from 'aws-lambda';
import { dynamoDbClient } from '../adapters/document-client.ts';
import { readEnv } from '../env.ts';
import { FencedRecords } from './fenced-records.ts';

const { IDEMPOTENCY_TABLE } = readEnv(['IDEMPOTENCY_TABLE']);

/** Far longer than all retries of a state take; a record that is gone costs a repetition, not a second effect. */
const recordSeconds = 24 * 60 * 60;

/**
 * Runs `run` once per order (or input) and step and gives every later call the recorded output (Powertools idempotency;
 * the record's key is the step's name and a hash of the order id (or of the input), whatever the function is called and
 * whichever version runs).
 *
 * It is the first of three lines, and not the one that must hold. A record is gone when the step threw (the effect may
 * have happened all the same), when the function died after the effect and its lease ended, and when it expires. So every
 * effect is conditional too, and a provider is asked what happened before it is told to act.
 *
 * While a call runs, another gets `IdempotencyAlreadyInProgressError`. The lease ends with the function's own remaining
 * time: a killed invocation blocks the next one for no longer than it could have run itself. One that outlives its lease
 * all the same finds its record in the hands of the next (see fenced-records.ts) and ends as `StepInProgress`.
 *
 * `fromRecord` is asked before an output is given that an earlier call recorded: it throws where that is no answer any more.
 * It costs a call that runs itself nothing.
 *
 * The wrapper and not the middy middleware: that one, when a second call finds the first in progress, deletes the first
 * one's record on its way out, and lets a third call in.
 */
export function once<Input extends { orderId: string }, Output>(
  step: string,
  per: 'order' | 'input',
  run: (input: Input) => Promise<Output>,
  fromRecord?: (input: Input) => Promise<void>,
): (input: Input, context: Context) => Promise<Output> {
  const persistenceStore = new FencedRecords(IDEMPOTENCY_TABLE, dynamoDbClient);
  const config = new IdempotencyConfig({
    eventKeyJmesPath: per === 'order' ? 'orderId' : '@',
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: recordSeconds,
  });
  const idempotent = makeIdempotent(run, { persistenceStore, config, keyPrefix: step, dataIndexArgument: 0 });
  return (input, context) => {
    // Without a remaining time Powertools writes a record without a lease, which nobody could take over for a day.
    config.registerLambdaContext({
      ...context,
      getRemainingTimeInMillis: () => context.getRemainingTimeInMillis() || 1,
    });
    return persistenceStore.forCall(async () => {
      const output = (await idempotent(input)) as Output;
      if (!persistenceStore.hasLease()) await fromRecord?.(input);
      return output;
    });
  };
}
