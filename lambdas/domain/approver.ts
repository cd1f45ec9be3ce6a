import { contacts } from './wait.ts';

/** `warehouse`: whoever has the link that was mailed to a role. Anything else is a person, whom an inbox knows. */
export const isRole = (approver: string) => (contacts as readonly string[]).includes(approver);

/** `Ada (warehouse)`: a person in a role, as an answer is recorded and as a person's link says it. */
export const personInRole = (name: string, role: string) => `${name} (${role})`;

/**
 * Who gave an answer, for the record: whom the link was given to, which is signed; of a role also the name that was typed
 * there. A person's own link takes no other name.
 */
export function recordedApprover(approver: string, typedName: string | undefined): string {
  return isRole(approver) && typedName ? personInRole(typedName, approver) : approver;
}
