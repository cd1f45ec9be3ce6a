import type { WaitPosition } from '../adapters/wait-table.ts';
import { kindsOf } from '../domain/inbox-roles.ts';
import type { WaitKind } from '../domain/wait.ts';
import { decodeCursor, encodeCursor } from '../middleware/cursor.ts';
import { Problem } from '../middleware/problem-json.ts';
import type { ApiEvent } from '../middleware/route.ts';
import type { InboxSession } from './inbox-session.ts';
import { waitPositionFields } from './wait-fields.ts';

/** Where in the inbox somebody is: on a page of the open waits of a kind, or at the waits of one order. */
export type Place = ListPlace | OrderPlace;
export interface ListPlace {
  kind: WaitKind;
  /** The page begins after this wait. */
  after?: WaitPosition;
  /** How many waits the pages before had: for the eye only. */
  before: number;
}
export interface OrderPlace {
  /** As it was typed, without blanks around it: an order's id, or the id of one of its waits. */
  order: string;
}

const listOf = (kind: WaitKind) => `inbox/${kind}`;

/** Throws 403 for a kind that the role does not see, whether there is such a kind or not. */
export function placeOf(event: ApiEvent, { role }: InboxSession): Place {
  const { kind: asked, cursor, before, order } = event.queryStringParameters ?? {};
  // Cut off, a character may be left in halves, which no address can have. `%23` is how a link has the `#` of a wait's id.
  if (order?.trim()) return { order: order.trim().replace('%23', '#').slice(0, 200).toWellFormed() };
  const kinds = kindsOf(role);
  const kind = asked === undefined ? kinds[0] : kinds.find((known) => known === asked);
  if (kind === undefined) {
    throw new Problem(403, 'not-your-inbox', 'This is not in your inbox', 'Your link does not show these waits.');
  }
  if (cursor === undefined) return { kind, before: 0 };
  const { list: _, ...after } = decodeCursor(listOf(kind), waitPositionFields, cursor);
  return { kind, after, before: /^\d{1,6}$/.test(before ?? '') ? Number(before) : 0 };
}

/** The part of an address that leads there: `&kind=picking`. */
export function placeQuery(place: Place): string {
  if ('order' in place) return `&order=${encodeURIComponent(place.order)}`;
  const { kind, after, before } = place;
  return `&kind=${kind}${after ? `&before=${before}&cursor=${encodeCursor(listOf(kind), after)}` : ''}`;
}

/** The address of the inbox of this person, there. */
export const inboxAddress = ({ query }: InboxSession, place: Place) => `/inbox?${query}${placeQuery(place)}`;
