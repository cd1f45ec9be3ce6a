import type { CarrierShipment } from '../../../lambdas/domain/carrier-shipment.ts';

/** What a stack with EasyPost is deployed with. */
export const carrierSettings: CarrierShipment = {
  from: {
    name: 'Waybill Warehouse',
    line1: '417 Montgomery Street',
    city: 'San Francisco',
    region: 'CA',
    postalCode: '94104',
    country: 'US',
    phone: '4153334445',
  },
  parcel: { lengthIn: 10, widthIn: 8, heightIn: 4, weightOz: 15.4 },
};
