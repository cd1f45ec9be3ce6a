import type { Contact, Wait, WaitKind } from './wait.ts';

/**
 * Who sees which waits in the inbox, and which of the actions that a wait asks for they may answer with; nobody else is
 * sent a link when one is asked for. The one table: a kind that is not in a role's row does not exist for it. The first kind of a row is shown when the inbox is opened.
 */
const rights: Readonly<Record<Contact, Partial<Record<WaitKind, readonly string[]>>>> = {
  warehouse: { picking: ['picked'], 'carrier-pickup': ['picked-up'] },
  supervisor: { picking: ['picked'], 'carrier-pickup': ['picked-up'] },
  // Operators see what the warehouse has to do, and leave it to the warehouse.
  operator: { operator: ['try-again', 'done-by-hand'], picking: [], 'carrier-pickup': [] },
};

/** The kinds of waits that a role sees. */
export const kindsOf = (role: Contact) => Object.keys(rights[role]) as [WaitKind, ...WaitKind[]];

export const sees = (role: Contact, kind: WaitKind): boolean => rights[role][kind] !== undefined;

/** What a role may answer to this wait: of what it asks for now, what the table allows. */
export function answersOf(role: Contact, wait: Pick<Wait, 'kind' | 'actions'>): string[] {
  return (wait.actions ?? []).filter((action) => rights[role][wait.kind]?.includes(action));
}
