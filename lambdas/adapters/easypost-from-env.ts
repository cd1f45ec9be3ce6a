import { parseCarrierShipment } from '../domain/carrier-shipment.ts';
import { readEnv } from '../env.ts';
import { easypostCarrier } from './easypost-carrier.ts';
import { easypostClient } from './easypost-client.ts';
import { type ApiKeyOf, providerApiKey } from './provider-api-key.ts';

const { EASYPOST_KEY_SECRET_ARN, CARRIER_SHIPMENT } = readEnv(['EASYPOST_KEY_SECRET_ARN', 'CARRIER_SHIPMENT']);

/** Keys of today begin with EZAK (production) or EZTK (test), older ones with nothing of the kind. */
const keyOfEasyPost: ApiKeyOf = {
  provider: 'EasyPost',
  shape: /^[A-Za-z0-9]{16,}$/,
  expected: 'EZAK..., or EZTK... for tests',
};

const apiKey = () => providerApiKey(EASYPOST_KEY_SECRET_ARN, keyOfEasyPost);

/** EasyPost under the key that is in its secret, which is read at the first call of theirs and not before. */
export const easypostFromEnv = easypostCarrier(easypostClient({ apiKey }), parseCarrierShipment(CARRIER_SHIPMENT));
