import type { CarrierShipment } from '../domain/carrier-shipment.ts';
import { AddressRefused, CarrierUnavailable, LabelNotTakenBack } from '../domain/errors.ts';
import type { Carrier, Label, LabelRequest } from './carrier.ts';
import { type EasyPost, EasyPostRefusal } from './easypost-client.ts';
import { cheapestRate, labelOf, type Shipment, shipmentRequest } from './easypost-shipment.ts';
import { keepReference, loadReference, withdrawKey } from './provider-references.ts';

/**
 * Labels through EasyPost (https://docs.easypost.com), which sells those of many carriers. It knows no idempotency keys;
 * but a shipment can be bought once, the second time it answers `SHIPMENT.POSTAGE.EXISTS`. So there is one shipment per
 * key, the first whose id was kept, and nobody buys any other.
 *
 * A void that finds a shipment which is not bought cannot know whether a purchase is on its way, from a function that was
 * given up, and EasyPost has no way to close a shipment. So the void buys it, which uses it up, and has it refunded at
 * once: a purchase that comes later is refused. See docs/decisions.md.
 */
export function easypostCarrier(easypost: EasyPost, settings: CarrierShipment): Carrier {
  const retrieve = (id: string) => easypost.get<Shipment>(`/shipments/${id}`);

  /** The shipment of the key, made when there is none. Undefined: the key is withdrawn. */
  async function prepare(request: LabelRequest): Promise<Shipment | undefined> {
    const known = await loadReference(request.key);
    if (known?.withdrawn) return undefined;
    if (known) return retrieve(known.reference);
    const made = await easypost.post<Shipment>('/shipments', shipmentRequest(request, settings));
    // Before its id is kept: a parcel that nobody carries leaves nothing behind that a void had to use up.
    cheapestRate(made, settings);
    const { reference } = await keepReference(request.key, made.id);
    if (reference === undefined) return undefined;
    return reference === made.id ? made : retrieve(reference);
  }

  /** Has the shipment bought, by this call or by another one, at the cheapest rate of the services that are given. */
  async function buy(shipment: Shipment, allowed: Pick<CarrierShipment, 'services'>): Promise<Shipment> {
    try {
      const rate = { id: cheapestRate(shipment, allowed).id };
      return await easypost.post<Shipment>(`/shipments/${shipment.id}/buy`, { rate });
    } catch (error) {
      if (error instanceof EasyPostRefusal && error.code === 'SHIPMENT.POSTAGE.EXISTS') return retrieve(shipment.id);
      throw error;
    }
  }

  /**
   * At any rate: the shipment may be of a version that allowed other services. Undefined: EasyPost refused to sell it, and
   * with that whatever was sent before.
   */
  async function useUp(shipment: Shipment): Promise<Shipment | undefined> {
    try {
      return await buy(shipment, {});
    } catch (error) {
      if (error instanceof EasyPostRefusal || error instanceof AddressRefused) return undefined;
      throw error;
    }
  }

  /** Of a label that was bought. Throws `LabelNotTakenBack`; the next try asks EasyPost anew. */
  async function takeBack(bought: Shipment): Promise<Label> {
    if (boughtLabel(bought).status === 'voided') return boughtLabel(bought);
    const refund = easypost.post<Shipment>(`/shipments/${bought.id}/refund`);
    const after = await refund.catch((error) => {
      // Refused because another call was quicker, or because the parcel is on its way. The shipment tells.
      if (error instanceof EasyPostRefusal) return retrieve(bought.id);
      throw error;
    });
    const label = boughtLabel(after);
    if (label.status === 'voided') return label;
    throw new LabelNotTakenBack(
      `EasyPost does not take the label of shipment ${after.id} back (refund_status ${after.refund_status}): ` +
        `see whether parcel ${label.trackingNumber} is on its way, and destroy the label if it is not`,
    );
  }

  return {
    async buyLabel(request: LabelRequest): Promise<Label> {
      const shipment = await prepare(request);
      if (!shipment) return { status: 'withdrawn' };
      const label = labelOf(shipment);
      if (label) return label;
      if (await isClosed(request.key)) return { status: 'withdrawn' };
      return boughtLabel(await buy(shipment, settings));
    },

    async lookup(key: string): Promise<Label | undefined> {
      const known = await loadReference(key);
      if (!known) return undefined;
      if (known.withdrawn) return { status: 'withdrawn' };
      const label = labelOf(await retrieve(known.reference));
      if (label) return label;
      return (await isClosed(key)) ? { status: 'withdrawn' } : undefined;
    },

    async voidLabel(key: string): Promise<Label> {
      const { reference } = await withdrawKey(key);
      if (reference === undefined) return { status: 'withdrawn' };
      const shipment = await retrieve(reference);
      if (labelOf(shipment)) return takeBack(shipment);
      await close(key);
      const used = await useUp(shipment);
      return used ? takeBack(used) : { status: 'withdrawn' };
    },
  };
}

/**
 * Says of a key with a shipment that was not bought: it never will be. A shipment that EasyPost refused to sell yesterday
 * it may sell today (the account was short of money, a carrier was out of order), so the refusal alone is not enough.
 */
const close = (key: string) => withdrawKey(closedKey(key));
const isClosed = async (key: string) => (await loadReference(closedKey(key))) !== undefined;
const closedKey = (key: string) => `${key}#closed`;

function boughtLabel(shipment: Shipment): Exclude<Label, { status: 'withdrawn' }> {
  const label = labelOf(shipment);
  if (!label) throw new CarrierUnavailable(`EasyPost shows no label of shipment ${shipment.id} yet`);
  return label;
}
