import { readEnv } from '../env.ts';
import type { CarrierWebhook } from './carrier-webhook.ts';
import { easypostWebhook } from './easypost-webhook.ts';
import { sandboxWebhook } from './sandbox-webhook.ts';

const { CARRIER } = readEnv(['CARRIER']);

/** The events of the carrier that the stack is deployed with. */
export const carrierWebhook: CarrierWebhook = { sandbox: sandboxWebhook, easypost: easypostWebhook }[CARRIER];
