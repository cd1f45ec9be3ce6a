import type { NodeFunction } from './node-function.ts';
import type { Settings } from './settings.ts';

/** What a function needs that mails whoever is asked about a wait: it makes links, and knows the address of every role. */
export function mailsContacts(fn: NodeFunction, contacts: Settings['contacts'], callbackBaseUrl: string): void {
  fn.setEnv('CALLBACK_BASE_URL', callbackBaseUrl);
  fn.setEnv('WAREHOUSE_EMAIL', contacts.warehouse);
  fn.setEnv('SUPERVISOR_EMAIL', contacts.supervisor);
  fn.setEnv('OPERATOR_EMAIL', contacts.operator);
}
