import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import middy from '@middy/core';
import type * as z from 'zod';
import { once } from './once.ts';
import { guardPayload } from './payload-guard.ts';
import { stepErrors } from './step-errors.ts';
import { logger, metrics, metricsFlushed } from './telemetry.ts';
import { tracing } from './tracing.ts';

export interface StepTools {
  /** The moment of this call, ISO 8601: the `at` of the events that it records. */
  at: string;
  metrics: Metrics;
}

export interface StepDefinition<Schema extends z.core.$ZodType<{ orderId: string }>, Output> {
  /** The state's name. */
  name: string;
  input: Schema;
  /**
   * What is done once: the step for an order, or, for a step that the process comes to several times, each input of it.
   * Default: `order`.
   */
  oncePer?: 'order' | 'input';
  /**
   * Asked before an output is given that an earlier call recorded: throws where that is no answer any more. An order may be
   * started again while its records are kept, so the steps on the way to completion look whether it is over (`unlessOver`).
   */
  fromRecord?(input: z.output<Schema>): Promise<void>;
  run(input: z.output<Schema>, tools: StepTools): Promise<Output>;
}

/**
 * A Lambda behind a Task state: `export const handler = step({ name: 'ReserveInventory', input, run })`.
 *
 * Around `run`: log lines that carry the order and the step, a trace, metrics, the input checked against its schema, one
 * run per order (see once.ts), an output that Step Functions can carry, and errors under the names that the process
 * catches. Neither input nor output is logged: they may carry a payment token.
 */
export function step<Schema extends z.core.$ZodType<{ orderId: string }>, Output>(
  definition: StepDefinition<Schema, Output>,
) {
  const { name, input, oncePer = 'order', fromRecord, run } = definition;
  const runOnce = once(
    name,
    oncePer,
    async (checked: z.output<Schema>) =>
      guardPayload(name, await run(checked, { at: new Date().toISOString(), metrics })),
    fromRecord,
  );
  // No early timeout: a handler that has already answered would go on in the next invocation. Lambda kills it instead.
  return middy<z.input<Schema>, Output>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use({ before: () => logger.appendKeys({ step: name }) })
    .use(tracing())
    .use(metricsFlushed)
    .use(stepErrors({ logger }))
    .use(parser({ schema: input }))
    .handler((checked, context) => {
      const parsed = checked as z.output<Schema>;
      logger.appendKeys({ orderId: parsed.orderId });
      return runOnce(parsed, context);
    });
}
