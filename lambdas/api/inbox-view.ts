import { getOrder } from '../adapters/order-table.ts';
import { findOpenWaits, listOpenWaits, readWait } from '../adapters/wait-table.ts';
import { answersOf, kindsOf, sees } from '../domain/inbox-roles.ts';
import type { Order } from '../domain/order.ts';
import { waitsOf } from '../domain/order-waits.ts';
import { type Wait, type WaitKind, type WorkClaim, waitIdOf, waitIdPattern, wasAskedAgain } from '../domain/wait.ts';
import { liveClaimOf } from '../domain/work-claim.ts';
import type { ListPlace, Place } from './inbox-place.ts';
import type { InboxSession } from './inbox-session.ts';

/** Of one page. A thousand waits on one would be a megabyte, and nobody works on the 51st before the first. */
export const pageSize = 50;

/** One wait as one person sees it. */
export interface Row {
  wait: Wait;
  /** The deadline has passed, or had passed once before it was asked again. */
  overdue: boolean;
  /** `nothing`: there is nothing that this person could do. */
  work: 'free' | 'mine' | 'taken' | 'nothing';
  /** The claim, unless it has lapsed. */
  claim?: WorkClaim;
  /** What this person may answer now: nothing while another has it. */
  actions: string[];
  /** What the order is about, where the person works on it. */
  order?: Order;
}

export interface InboxView {
  place: Place;
  /** The kinds that the role sees, and whether a wait of them is open: of the kind that is shown this is not asked. */
  kinds: { kind: WaitKind; waiting?: boolean }[];
  rows: Row[];
  /** Where the next page begins. */
  next?: ListPlace;
  /** There are more open waits than were looked through for this order. */
  isPart?: true;
}

/**
 * What a person sees at a place.
 * @param fresh a wait as it is now: the index that lists are read from may be a moment behind what this person just did
 */
export async function readInbox(session: InboxSession, place: Place, now: Date, fresh?: Wait): Promise<InboxView> {
  const shown = 'order' in place ? undefined : place.kind;
  const [{ waits, next, isPart }, ...kinds] = await Promise.all([
    'order' in place ? waitsOfOrder(session, place.order) : pageOf(place),
    ...kindsOf(session.role).map(async (kind) => ({
      kind,
      ...(kind !== shown && { waiting: (await listOpenWaits(kind, 1)).waits.length > 0 }),
    })),
  ]);
  const current = waits
    .map((wait) => (wait.waitId === fresh?.waitId ? fresh : wait))
    .filter((wait) => 'order' in place || wait.answer === undefined);
  const rows = await Promise.all(
    current.map(async (wait, index) => {
      const row = rowOf(session, wait, now);
      // Of the few that this person has taken, and of the one that was looked for: 50 orders more would be 50 reads more.
      const isWanted = 'order' in place ? index === 0 : row.work === 'mine';
      const order = isWanted ? await getOrder(wait.orderId) : undefined;
      return order ? { ...row, order } : row;
    }),
  );
  return { place, kinds, rows, ...(next && { next }), ...(isPart && { isPart }) };
}

type Page = Pick<InboxView, 'next' | 'isPart'> & { waits: Wait[] };

async function pageOf(place: ListPlace): Promise<Page> {
  // One more than is shown, so that the last page knows that it is the last.
  const { waits: found } = await listOpenWaits(place.kind, pageSize + 1, place.after);
  const waits = found.slice(0, pageSize);
  const { waitId, openedAt } = waits.at(-1) ?? {};
  if (found.length <= pageSize || !waitId || !openedAt) return { waits };
  return { waits, next: { kind: place.kind, after: { waitId, openedAt }, before: place.before + waits.length } };
}

/** All waits of an order that the role sees, answered ones too. Consistent reads, where the ids are known. */
async function waitsOfOrder({ role }: InboxSession, typed: string): Promise<Page> {
  // A wait's id is an order's id and the name of its state.
  const [orderId] = typed.split('#') as [string];
  const ids = waitsOf(orderId)
    .filter(({ kind }) => sees(role, kind))
    .map(({ waitId }) => waitId);
  if (typed.includes('#')) ids.push(typed);
  const [stuck, ...known] = await Promise.all([
    sees(role, 'operator') ? openStuckWaits(orderId) : { waits: [], isAll: true },
    ...[...new Set(ids)].filter((id) => waitIdPattern.test(id)).map(readWait),
  ]);
  const found = known.filter((wait) => wait !== undefined).filter(({ kind }) => sees(role, kind));
  const all = new Map([...found, ...stuck.waits].map((wait) => [wait.waitId, wait]));
  return { waits: [...all.values()], ...(!stuck.isAll && { isPart: true }) };
}

/** Two clocks: Step Functions' says when an undo gave up, a Lambda's when its wait was opened. */
const clockToleranceMs = 60_000;

/** An operator is asked after the last of the undos gave up, which the order says, or else after it was placed. */
async function openStuckWaits(orderId: string) {
  if (!waitIdPattern.test(waitIdOf(orderId, 'x'))) return { waits: [], isAll: true };
  const order = await getOrder(orderId);
  const gaveUp = order?.stuckUndos?.filter(({ doneByHand }) => !doneByHand).map(({ stuckAt }) => stuckAt) ?? [];
  const times = [order?.createdAt ?? 0, ...gaveUp].map((at) => new Date(at).getTime());
  return findOpenWaits('operator', orderId, new Date(Math.max(...times) - clockToleranceMs));
}

function rowOf({ role, by }: InboxSession, wait: Wait, now: Date): Row {
  const at = now.toISOString();
  const possible = wait.answer ? [] : answersOf(role, wait);
  const claim = liveClaimOf(wait, now);
  const work = possible.length === 0 ? 'nothing' : !claim ? 'free' : claim.by === by ? 'mine' : 'taken';
  return {
    wait,
    overdue: wait.answer === undefined && ((wait.expiresAt ?? at) < at || wasAskedAgain(wait)),
    work,
    ...(claim && { claim }),
    actions: work === 'taken' ? [] : possible,
  };
}
