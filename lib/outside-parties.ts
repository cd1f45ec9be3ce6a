import type { carriers, EnvName, paymentGateways } from '../lambdas/env.ts';
import type { Grants, TableAction } from '../statemachines/step-row.ts';

/** Who is behind the ports to the outside. */
export interface OutsideParties {
  paymentGateway: (typeof paymentGateways)[number];
  carrier: (typeof carriers)[number];
  /** Of a carrier that is none of ours: where parcels are sent from, and what a parcel is (JSON). */
  carrierShipment?: string;
  /** Sender of mail, through SES. Without it mails stay in the outbox. */
  mailFrom?: string;
}

/** What the use of outside parties comes to. */
export interface OutsideGrants {
  tables: Record<string, readonly TableAction[]>;
  secrets: string[];
  environment: Partial<Record<EnvName, string>>;
}

/** Look an entry up, write it once, replace it conditionally: books of the sandboxes, references of the others. */
const keepsBooks: readonly TableAction[] = ['GetItem', 'PutItem'];
const reads: readonly TableAction[] = ['GetItem'];

/**
 * The tables, secrets and variables that a row needs for the payments, the carrier and the mail that it names.
 *
 * The sandboxes' books stay granted where a real provider is chosen: rights belong to the function, and its versions from
 * before go on with the sandbox that their orders began with.
 */
export function outsideGrants({ payments, carrier, sendMail }: Grants, parties: OutsideParties): OutsideGrants {
  const parts: OutsideGrants[] = [];
  if (payments) {
    parts.push(sandbox(keepsBooks), variables({ PAYMENT_GATEWAY: parties.paymentGateway }));
    if (parties.paymentGateway === 'stripe') parts.push(provider(keepsBooks, 'stripeKey'));
  }
  if (carrier) parts.push(variables({ CARRIER: parties.carrier }));
  if (carrier === 'events') parts.push({ tables: {}, secrets: ['carrierWebhook'], environment: {} });
  else if (carrier) {
    const actions = carrier === 'labels' ? keepsBooks : reads;
    parts.push(sandbox(actions));
    if (parties.carrier === 'easypost') {
      parts.push(provider(actions, 'easypostKey'), variables({ CARRIER_SHIPMENT: parties.carrierShipment ?? '' }));
    }
  }
  if (sendMail) {
    parts.push(sandbox(keepsBooks), variables({ MAIL_FROM: parties.mailFrom ?? '' }));
    if (parties.mailFrom) parts.push(provider(keepsBooks));
  }
  return parts.reduce(together, { tables: {}, secrets: [], environment: {} });
}

const sandbox = (actions: readonly TableAction[]): OutsideGrants => ({
  tables: { sandbox: actions },
  secrets: [],
  environment: {},
});

const provider = (actions: readonly TableAction[], ...secrets: string[]): OutsideGrants => ({
  tables: { providers: actions },
  secrets,
  environment: {},
});

const variables = (environment: OutsideGrants['environment']): OutsideGrants => ({
  tables: {},
  secrets: [],
  environment,
});

const together = (a: OutsideGrants, b: OutsideGrants): OutsideGrants => ({
  tables: mergedTables(a.tables, b.tables),
  secrets: [...a.secrets, ...b.secrets],
  environment: { ...a.environment, ...b.environment },
});

/** The actions of both on each table, each once. */
export function mergedTables(
  a: NonNullable<Grants['tables']>,
  b: NonNullable<Grants['tables']>,
): OutsideGrants['tables'] {
  const merged: OutsideGrants['tables'] = { ...a };
  for (const [name, actions] of Object.entries(b)) merged[name] = [...new Set([...(merged[name] ?? []), ...actions])];
  return merged;
}
