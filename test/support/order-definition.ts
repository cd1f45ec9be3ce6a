import { readFileSync } from 'node:fs';
import { waits } from '../../statemachines/order-fulfillment.steps.ts';
import { fillDefinition } from '../../statemachines/wait-substitutions.ts';

/** The definition of the order process with its times, as text; the ARNs that the stack fills in are still names. */
export const orderDefinition = fillDefinition(
  readFileSync(new URL('../../statemachines/order-fulfillment.asl.json', import.meta.url), 'utf8'),
  waits,
);
