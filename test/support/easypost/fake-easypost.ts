import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface FakeShipment {
  id: string;
  reference: string;
  to_address: Record<string, string>;
  rates: { id: string; carrier: string; service: string; rate: string; currency: string }[];
  selected_rate: object | null;
  postage_label: object | null;
  tracking_code: string | null;
  refund_status: string | null;
  messages: object[];
}

export interface FakeCall {
  /** Whose call it is: tests give each of their calls a key of its own. */
  apiKey: string;
  method: string;
  path: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects to be there.
  body: any;
}

export interface Reply {
  status: number;
  body: unknown;
}

/** Stands between a call and EasyPost. What it throws cuts the connection. */
export type Interception = (call: FakeCall, apply: () => Reply) => Reply | Promise<Reply>;

/** As EasyPost answers: https://docs.easypost.com/docs/errors */
export const refusal = (status: number, code: string, errors: object[] = []): Reply => ({
  status,
  body: { error: { code, message: `says the fake of ${code}`, errors } },
});

/** What a parcel costs. The cheapest is not the first. */
export const offers = [
  { carrier: 'USPS', service: 'Express', rate: '29.50' },
  { carrier: 'USPS', service: 'GroundAdvantage', rate: '5.57' },
  { carrier: 'USPS', service: 'Priority', rate: '10.20' },
];

/**
 * The part of EasyPost's API that buys labels, over HTTP, after its documentation (https://docs.easypost.com/docs/shipments,
 * .../shipments/shipping-refund). A shipment is bought once; while a purchase is being made, another one is told so.
 */
export async function startFakeEasyPost() {
  const shipments = new Map<string, FakeShipment>();
  const calls: FakeCall[] = [];
  /** By API key. */
  const interceptions = new Map<string, Interception>();
  const settings = { offers, refundStatus: 'submitted' };
  /** Shipments that are being bought at this moment. */
  const beingBought = new Set<string>();
  let trackingNumbers = 1_000_000_000;

  function create({ shipment }: { shipment: { reference: string; to_address: Record<string, string> } }): Reply {
    const made: FakeShipment = {
      id: `shp_${randomUUID().replaceAll('-', '')}`,
      reference: shipment.reference,
      to_address: shipment.to_address,
      rates: settings.offers.map((offer) => ({ id: `rate_${randomUUID()}`, currency: 'USD', ...offer })),
      selected_rate: null,
      postage_label: null,
      tracking_code: null,
      refund_status: null,
      messages: settings.offers.length > 0 ? [] : [{ carrier: 'USPS', type: 'rate_error', message: 'too heavy' }],
    };
    shipments.set(made.id, made);
    return { status: 201, body: made };
  }

  function buy(shipment: FakeShipment, { rate }: { rate: { id: string } }): Reply {
    if (shipment.postage_label) return refusal(422, 'SHIPMENT.POSTAGE.EXISTS');
    if (beingBought.has(shipment.id)) return refusal(422, 'SHIPMENT.PURCHASE.IN_PROGRESS');
    const selected = shipment.rates.find(({ id }) => id === rate.id);
    if (!selected) return refusal(422, 'SHIPMENT.RATES.UNAVAILABLE');
    shipment.selected_rate = selected;
    shipment.postage_label = { object: 'PostageLabel', id: `pl_${randomUUID()}` };
    shipment.tracking_code = `EZ${++trackingNumbers}`;
    return { status: 200, body: shipment };
  }

  function refund(shipment: FakeShipment): Reply {
    if (!shipment.postage_label) return refusal(422, 'SHIPMENT.REFUND.UNAVAILABLE');
    if (shipment.refund_status === 'submitted') return refusal(422, 'SHIPMENT.REFUND.FAILURE');
    shipment.refund_status = settings.refundStatus;
    return { status: 200, body: shipment };
  }

  function answer({ apiKey, method, path, body }: FakeCall): Reply {
    if (!apiKey.startsWith('EZTK')) return refusal(401, 'APIKEY.INACTIVE');
    if (method === 'POST' && path === '/v2/shipments') return create(body);
    const [, id, action] = /^\/v2\/shipments\/(\w+)(?:\/(buy|refund))?$/.exec(path) ?? [];
    const shipment = shipments.get(id!);
    if (!shipment) return refusal(404, 'NOT_FOUND');
    if (method === 'GET') return { status: 200, body: shipment };
    return action === 'buy' ? buy(shipment, body) : refund(shipment);
  }

  const server = createServer(async (request, response) => {
    const [apiKey = ''] = Buffer.from(request.headers.authorization!.replace('Basic ', ''), 'base64')
      .toString()
      .split(':');
    const body = await text(request);
    const call: FakeCall = { apiKey, method: request.method!, path: request.url!, body: body && JSON.parse(body) };
    calls.push(call);
    try {
      const apply = () => structuredClone(answer(call));
      const reply = await (interceptions.get(apiKey)?.(call, apply) ?? apply());
      response.statusCode = reply.status;
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    } catch {
      request.socket.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const of = (key: string) => [...shipments.values()].filter(({ reference }) => reference === key);
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`,
    calls,
    interceptions,
    settings,
    beingBought,
    shipments,
    /** All that were ever bought under a key of ours. */
    bought: (key: string) => of(key).filter(({ postage_label }) => postage_label),
    /** Those that a carrier would carry a parcel with. */
    usable: (key: string) =>
      of(key).filter(
        ({ postage_label, refund_status }) => postage_label && (!refund_status || refund_status === 'rejected'),
      ),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export type FakeEasyPost = Awaited<ReturnType<typeof startFakeEasyPost>>;
