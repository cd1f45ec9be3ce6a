/**
 * What happens to each order of the demo, told as its customer, the warehouse and the carrier would tell it.
 * A story ends when its order has; what must be true then is checked by audit.ts.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { waits } from '../../statemachines/order-fulfillment.steps.ts';
import type { FrontDoor } from '../front-door.ts';
import { mailContext } from '../local-front-door.ts';

export type Outcome = 'completed' | 'rejected' | 'cancelled';

export interface Stage {
  door: FrontDoor;
  /** Kills the whole runtime with SIGKILL and starts it again on the same state. */
  powerCut(): Promise<void>;
  advance(duration: string): Promise<void>;
  note(doing: string): void;
  /** Tells which order the story is about, as soon as that is known. */
  placed(orderId: string): void;
}

export interface Story {
  name: string;
  /** File in examples/orders/, without its ending. */
  order: string;
  outcome: Outcome;
  /** Stories that move time are played after all others, one after another: time passes for everyone. */
  movesTime?: true;
  play(stage: Stage, order: unknown): Promise<void>;
}

export const readOrder = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../orders/${name}.json`, import.meta.url), 'utf8'));

async function place({ door, note, placed }: Stage, order: unknown, key: string = randomUUID()): Promise<string> {
  const { status, body } = await door.placeOrder(order, key);
  if (status !== 202) throw new Error(`POST /orders answered ${status}: ${JSON.stringify(body)}`);
  placed(body.orderId);
  note('accepted');
  return body.orderId;
}

async function pick({ door, note }: Stage, orderId: string): Promise<void> {
  const link = await door.callbackLink(orderId, 'AwaitPicking');
  note('the warehouse opens the link in its mail');
  const { status } = await door.answerByLink(link, 'picked', 'Robin');
  if (status !== 200) throw new Error(`the callback link of ${orderId} answered ${status}`);
  note('picked');
}

async function pickUp({ door, note }: Stage, orderId: string, eventId: string = randomUUID()): Promise<void> {
  const { label } = await door.orderIn(orderId, 'labelled', 'picked', 'confirmed');
  const { trackingNumber } = label as { trackingNumber: string };
  const { status, body } = await door.carrierEvent({ id: eventId, type: 'picked_up', trackingNumber });
  if (status >= 300) throw new Error(`POST /carrier-events answered ${status}: ${JSON.stringify(body)}`);
  note('the carrier has the parcel');
}

/** A little longer than the state waits. */
const pastTheTimeOf = (state: keyof typeof waits) => `${waits[state].timeoutSeconds + 60 * 60}s`;

async function ends({ door, note }: Stage, orderId: string, outcome: Outcome): Promise<void> {
  const order = await door.orderIn(orderId, 'completed', 'rejected', 'cancelled');
  if (order.status !== outcome) throw new Error(`${orderId} ended ${order.status}, expected ${outcome}`);
  const reason = (order.outcome as { reason?: string }).reason;
  note(reason ? `${outcome} (${reason})` : outcome);
}

const completes = (name: string, order: string): Story => ({
  name,
  order,
  outcome: 'completed',
  async play(stage, body) {
    const orderId = await place(stage, body);
    await pick(stage, orderId);
    await stage.door.orderIn(orderId, 'confirmed');
    await pickUp(stage, orderId);
    await ends(stage, orderId, 'completed');
  },
});

const refused = (name: string, order: string): Story => ({
  name,
  order,
  outcome: 'rejected',
  async play(stage, body) {
    await ends(stage, await place(stage, body), 'rejected');
  },
});

export const stories: readonly Story[] = [
  completes('two books', 'two-books'),
  completes('a kettle', 'a-kettle'),
  completes('office chairs', 'office-chairs'),
  completes('a lamp from Tokyo', 'japanese-lamp'),
  refused('declined card', 'declined-card'),
  refused('out of stock', 'out-of-stock'),
  {
    name: 'cancelled while it waits for picking',
    order: 'changed-mind',
    outcome: 'cancelled',
    async play(stage, body) {
      const orderId = await place(stage, body);
      await stage.door.callbackLink(orderId, 'AwaitPicking');
      const { status } = await stage.door.cancelOrder(orderId);
      if (status !== 202) throw new Error(`the cancellation answered ${status}`);
      stage.note('the customer changed their mind');
      await ends(stage, orderId, 'cancelled');
    },
  },
  {
    name: 'the carrier is early',
    order: 'early-carrier',
    outcome: 'completed',
    async play(stage, body) {
      const orderId = await place(stage, body);
      const link = await stage.door.callbackLink(orderId, 'AwaitPicking');
      await pickUp(stage, orderId);
      stage.note('the carrier was there before the picker said so');
      await stage.door.answerByLink(link, 'picked');
      await ends(stage, orderId, 'completed');
    },
  },
  {
    name: 'the client repeats itself',
    order: 'tea-and-cups',
    outcome: 'completed',
    async play(stage, body) {
      const key = randomUUID();
      const [orderId, again] = await Promise.all([place(stage, body, key), stage.door.placeOrder(body, key)]);
      if (again.body.orderId !== orderId) throw new Error(`one key made two orders: ${orderId}, ${again.body.orderId}`);
      await pick(stage, orderId);
      await pickUp(stage, orderId);
      await ends(stage, orderId, 'completed');
    },
  },
  {
    name: 'power cut',
    order: 'power-cut',
    outcome: 'completed',
    async play(stage, body) {
      const orderId = await place(stage, body);
      await stage.powerCut();
      stage.note('the runtime was killed with SIGKILL and is back');
      await pick(stage, orderId);
      await pickUp(stage, orderId);
      await ends(stage, orderId, 'completed');
    },
  },
  {
    name: 'nobody picks',
    order: 'nobody-picks',
    outcome: 'cancelled',
    movesTime: true,
    async play(stage, body) {
      const orderId = await place(stage, body);
      await stage.door.callbackLink(orderId, 'AwaitPicking');
      await stage.advance(pastTheTimeOf('AwaitPicking'));
      await stage.door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitPicking');
      stage.note('nobody has answered: the supervisor is asked');
      await stage.advance(pastTheTimeOf('EscalatePicking'));
      await ends(stage, orderId, 'cancelled');
    },
  },
];
