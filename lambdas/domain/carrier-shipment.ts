import * as z from 'zod';
import { orderRequestSchema } from './order-request.ts';

const inches = z.number().positive().max(200);

/** From where we ship, and in which parcel: what a carrier asks for and no order says. Strict: a misspelt member is told. */
export const carrierShipmentSchema = z.strictObject({
  from: orderRequestSchema.shape.shipTo.extend({
    /** Some carriers sell no label without one. */
    phone: z.string().min(5).max(30).optional(),
    email: z.email().max(254).optional(),
  }),
  /** One for every order. */
  parcel: z.strictObject({
    lengthIn: inches,
    widthIn: inches,
    heightIn: inches,
    weightOz: z.number().positive().max(2_400),
  }),
  /** The services that may be bought, named as the carrier names them (`GroundAdvantage`, `FEDEX_GROUND`). Default: all. */
  services: z.array(z.string().min(1)).min(1).optional(),
});
export type CarrierShipment = z.infer<typeof carrierShipmentSchema>;

/** Throws one sentence that names every member that does not fit. */
export function parseCarrierShipment(text: string): CarrierShipment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the shipment settings of the carrier are not JSON');
  }
  const result = carrierShipmentSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw new Error(`the shipment settings of the carrier do not fit: ${faults.join('; ')}`);
}
