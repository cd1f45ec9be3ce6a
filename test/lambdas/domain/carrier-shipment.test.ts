import { expect, it } from 'vitest';
import { parseCarrierShipment } from '../../../lambdas/domain/carrier-shipment.ts';
import { carrierSettings } from '../../support/easypost/carrier-settings.ts';

const parse = (changes: object) => parseCarrierShipment(JSON.stringify({ ...carrierSettings, ...changes }));

it('the settings of a carrier say from where and in which parcel, and which services may be bought', () => {
  expect(parse({})).toEqual(carrierSettings);
  expect(parse({ services: ['GroundAdvantage'] }).services).toEqual(['GroundAdvantage']);
});

it.each<[string, object]>([
  ['from.postalCode', { from: { ...carrierSettings.from, postalCode: '' } }],
  ['from.country', { from: { ...carrierSettings.from, country: 'usa' } }],
  ['parcel.weightOz', { parcel: { ...carrierSettings.parcel, weightOz: 0 } }],
  ['services', { services: [] }],
  ['parcel', { parcel: { ...carrierSettings.parcel, weightKg: 1 } }],
])('settings that do not fit are refused at %s', (where, changes) => {
  expect(() => parse(changes)).toThrow(where);
});

it('settings that are no JSON are refused in one sentence', () => {
  expect(() => parseCarrierShipment('{')).toThrow('the shipment settings of the carrier are not JSON');
});
