/** Customers, pickers, operators and the carrier: they act when they are told, and try again until they are answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, eventually, type FrontDoor } from '../../../examples/front-door.ts';
import { mailContext } from '../../../examples/local-front-door.ts';
import type { Part } from './cast.ts';
import type { ReadMail } from './mailbox.ts';
import type { UndoByHand } from './undo-by-hand.ts';

/** What everybody was told about an order. */
export interface Told {
  part: Part;
  orderId: string;
  /** Status codes of cancellations. */
  cancellations: number[];
  /** What pickers answered by link, and the status code they got. */
  answers: { action: string; status: number }[];
  /** What the carrier was told of its scans: `accepted`, `kept`, ... */
  scans: string[];
  /** By key of the mail: how many copies came. */
  mails: Map<string, number>;
}

export interface Players {
  /** Places the order of a part. Resolves when it is accepted, however often that takes. */
  place(part: Part): Promise<Told>;
  /** Lets everybody do what the mails ask them to do. */
  react(mails: readonly ReadMail[]): void;
  /** Resolves when nobody is busy. */
  idle(): Promise<void>;
  readonly told: ReadonlyMap<string, Told>;
  /** What was answered that nobody should be answered, in sentences. */
  readonly strange: string[];
}

export function createPlayers(door: FrontDoor, undoByHand: UndoByHand): Players {
  const told = new Map<string, Told>();
  const busy = new Set<Promise<void>>();
  const strange: string[] = [];
  /** Mails about orders whose client has not yet heard that they were accepted. */
  let early: ReadMail[] = [];

  /** A client that tries again after an internal error, with the same key; connections and 503 are tried again below. */
  async function insist<Body>(
    what: string,
    ask: () => Promise<Answer<Body>>,
    isToBeTriedAgain = ({ status }: Answer<Body>) => status >= 500,
  ): Promise<Answer<Body>> {
    for (let tries = 1; ; tries++) {
      const answer = await ask();
      if (!isToBeTriedAgain(answer) || tries === 50) return answer;
      await delay(100);
      if (tries === 49) strange.push(`${what} was answered ${answer.status} 49 times`);
    }
  }

  function act(what: string, doing: () => Promise<void>): void {
    const done = doing()
      .catch((error) => void strange.push(`${what}: ${error instanceof Error ? error.message : error}`))
      .finally(() => busy.delete(done));
    busy.add(done);
  }

  function mustBe(what: string, { status, body }: Answer<unknown>, ...expected: number[]): number {
    if (!expected.includes(status))
      strange.push(`${what} was answered ${status}: ${JSON.stringify(body).slice(0, 200)}`);
    return status;
  }

  const cancel = async (one: Told) => {
    const answer = await insist(`cancellation of ${one.orderId}`, () => door.cancelOrder(one.orderId));
    one.cancellations.push(mustBe(`the cancellation of ${one.orderId}`, answer, 202, 409));
  };

  const answer = async (one: Told, link: string, action: string, reason?: string) => {
    const body = JSON.stringify({ action, ...(reason && { reason }) });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const given = await insist(`an answer for ${one.orderId}`, () => post(link, init));
    return mustBe(`the answer ${action} for ${one.orderId}`, given, 200, 409, 410);
  };

  /** The inbox shows what became of the answer, and its status code says nothing of it. */
  const answerInInbox = async (one: Told, link: string, action: string, role: string) => {
    const waitId = decodeURIComponent(new URL(link).pathname.split('/').at(-1)!);
    const what = `the answer ${action} in the inbox for ${one.orderId}`;
    const who = { for: role, name: 'Ada' };
    const given = await insist(
      what,
      async () => {
        const made = await door.request<{ url: string }>('POST', '/inbox-links', who);
        if (made.status !== 201) return made;
        const inbox = new URL(made.body.url);
        const body = new URLSearchParams({ waitId, action });
        return post(`${inbox.origin}/inbox/answers${inbox.search}`, { method: 'POST', redirect: 'manual', body });
      },
      // Time may have been moved since the link was made.
      ({ status }) => status >= 500 || status === 410,
    );
    // Refused when nobody is asked any more.
    mustBe(what, given, 303, 400, 403, 404);
  };

  const scan = async (one: Told, trackingNumber: string, id: string, type = 'picked_up') => {
    const event = { id, type, trackingNumber };
    // Time may have been moved since the event was signed: then it is signed again.
    const given = await insist(
      `a scan of ${one.orderId}`,
      () => door.carrierEvent(event),
      ({ status }) => status >= 500 || status === 403,
    );
    mustBe(`the scan of ${one.orderId}`, given, 200, 202, 409);
    one.scans.push(String(given.body.result));
  };

  /** What is no pickup changes nothing, whenever it comes. */
  const tell = async (one: Told, trackingNumber: string, type: string) => {
    const what = `what the carrier says of ${one.orderId}`;
    const given = await insist(
      what,
      () => door.carrierEvent({ id: `${one.part.key}-${type}`, type, trackingNumber }),
      ({ status }) => status >= 500 || status === 403,
    );
    mustBe(what, given, 200);
    if (given.body.result !== 'ignored') strange.push(`${what}, ${type}, was ${given.body.result}`);
  };

  /** A client that cannot wait. Its order is placed all the same. */
  const hangUp = async ({ key, order, impatientAfterMs }: Part) => {
    await door.placeOrder(order, key, AbortSignal.timeout(impatientAfterMs)).catch(() => {});
  };

  const sendAgain = async ({ orderId, part: { impatience, impatientAfterMs, key, order } }: Told) => {
    await delay(impatientAfterMs * 20);
    const isOther = impatience === 'sends another body';
    const sent = isOther ? { ...order, customer: { ...order.customer, name: 'Somebody else' } } : order;
    const what = `the order ${key}, sent again`;
    const given = await insist(what, () => door.placeOrder(sent, key));
    mustBe(what, given, isOther ? 422 : 202);
    if (!isOther && given.body.orderId !== orderId) strange.push(`${key}, sent again, made another order`);
  };

  /** Whoever does it by hand says so afterwards; where that is not possible it is tried again. */
  async function operate(one: Told, link: string, stuck: string[]): Promise<void> {
    const isDone = one.part.operator === 'done-by-hand' && (await undoByHand(one.orderId, stuck));
    if (isDone) await answer(one, link, 'done-by-hand', 'undone at the party itself');
    else await answer(one, link, 'try-again');
  }

  const scanEarly = async (one: Told) => {
    const { body } = await insist(`the order ${one.orderId}`, () => door.getOrder(one.orderId));
    const trackingNumber = (body.label as { trackingNumber?: string } | undefined)?.trackingNumber;
    if (trackingNumber) await scan(one, trackingNumber, `${one.part.key}-early`);
  };

  async function pick(one: Told, link: string, isSupervisor: boolean): Promise<void> {
    const { picking, pickup, cancellation, answersIn, finds } = one.part;
    if (cancellation === 'when picking is asked') return cancel(one);
    if (picking === 'never' || (picking === 'when the supervisor is asked' && !isSupervisor)) return;
    if (pickup === 'before it is picked') await scanEarly(one);
    // The process has no other answer: whoever cannot pick asks for the cancellation.
    if (finds === 'nothing') return cancel(one);
    const action = 'picked';
    const say = async () => {
      if (answersIn === 'the inbox') return answerInInbox(one, link, action, isSupervisor ? 'supervisor' : 'warehouse');
      one.answers.push({ action, status: await answer(one, link, action) });
    };
    const all = [say()];
    if (picking === 'twice at once') all.push(say());
    if (cancellation === 'with the picking') all.push(cancel(one));
    await Promise.all(all);
  }

  async function pickUp(one: Told, trackingNumber: string): Promise<void> {
    const { key, pickup, cancellation, carrierSays } = one.part;
    const all: Promise<void>[] = [];
    if (carrierSays === 'other things too' && pickup !== 'never') {
      // What is delivered was picked up, whichever of the two comes first.
      all.push(tell(one, trackingNumber, 'label_printed'), scan(one, trackingNumber, `${key}-last`, 'delivered'));
    }
    if (cancellation === 'with the pickup') all.push(cancel(one));
    if (pickup !== 'never' && pickup !== 'before it is picked') all.push(scan(one, trackingNumber, `${key}-scan`));
    if (pickup === 'twice')
      all.push(scan(one, trackingNumber, `${key}-scan`), scan(one, trackingNumber, `${key}-again`));
    await Promise.all(all);
  }

  function read(mail: ReadMail): void {
    const one = mail.orderId === undefined ? undefined : told.get(mail.orderId);
    if (!one) return void early.push(mail);
    one.mails.set(mail.key, (one.mails.get(mail.key) ?? 0) + 1);
    const [link] = /https?:\/\/\S*\/waits\/\S+/.exec(mail.text) ?? [];
    const [trackingNumber] = /\bWB[0-9A-F]{20}\b/.exec(mail.text) ?? [];
    const stuck = [...mail.text.matchAll(/(\w+) failed:/g)].map(([, undo]) => undo!);
    if (link?.includes('AwaitOperator')) act('the operator', () => operate(one, link, stuck));
    // Whoever is asked because the carrier did not come has nothing to say: the order is cancelled in the end.
    else if (link?.includes('AwaitPicking'))
      act('the warehouse', () => pick(one, link, mail.to.includes(mailContext.supervisorEmail)));
    else if (trackingNumber && !link) act('the carrier', () => pickUp(one, trackingNumber));
  }

  return {
    told,
    strange,
    async place(part) {
      const place = () => insist(`POST /orders ${part.key}`, () => door.placeOrder(part.order, part.key));
      if (part.impatience === 'hangs up and sends again') await hangUp(part);
      const [first, second] = await Promise.all([place(), part.placedTwice ? place() : undefined]);
      mustBe(`the order ${part.key}`, first, 202);
      const { orderId } = first.body;
      if (second && second.body.orderId !== orderId) strange.push(`${part.key} made two orders`);
      const one: Told = { part, orderId, cancellations: [], answers: [], scans: [], mails: new Map() };
      told.set(orderId, one);
      const mails = early;
      early = [];
      mails.forEach(read);
      if (part.cancellation === 'at once') act('the customer', () => cancel(one));
      if (part.cancelsAfterMs !== undefined) {
        const soon = delay(part.cancelsAfterMs);
        act('the customer', () => soon.then(() => cancel(one)));
      }
      if (/^sends/.test(part.impatience)) act('the client', () => sendAgain(one));
      return one;
    },
    react: (mails) => mails.forEach(read),
    async idle() {
      while (busy.size > 0) await Promise.all(busy);
    },
  };
}

const post = (link: string, init: RequestInit): Promise<Answer<unknown>> =>
  eventually(`an answer to POST ${new URL(link).pathname}`, async () => {
    const response = await fetch(link, init);
    const body = await response.text();
    return response.status === 503 ? undefined : { status: response.status, headers: response.headers, body };
  });
