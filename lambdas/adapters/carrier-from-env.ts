import { readEnv } from '../env.ts';
import type { Carrier } from './carrier.ts';
import { sandboxCarrier } from './sandbox-carrier.ts';

const { CARRIER } = readEnv(['CARRIER']);

/** The carrier that the stack is deployed with. EasyPost's client is loaded only where it is used. */
export const carrier: Carrier = {
  buyLabel: async (request) => (await chosen()).buyLabel(request),
  lookup: async (key) => (await chosen()).lookup(key),
  voidLabel: async (key) => (await chosen()).voidLabel(key),
};

function chosen(): Promise<Carrier> | Carrier {
  if (CARRIER === 'sandbox') return sandboxCarrier;
  return import('./easypost-from-env.ts').then(({ easypostFromEnv }) => easypostFromEnv);
}
