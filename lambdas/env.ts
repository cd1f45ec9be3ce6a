/**
 * Every environment variable that our Lambdas read: what it means, its unit, its default. The one list: the CDK side
 * (lib/) can set no other name, and a handler can read no other name. It imports nothing, so that both sides may.
 *
 * Names are derived, never chosen: table `orders` is `ORDERS_TABLE`, bucket `orderLines` is `ORDER_LINES_BUCKET`, secret
 * `callbackKeys` is `CALLBACK_KEYS_SECRET_ARN`.
 */
export interface EnvDefinition {
  meaning: string;
  unit: string;
  /** Without a default the variable must be set: `readEnv` throws when it is not. */
  default?: string;
  /** Where only these make sense: `readEnv` throws when it is another. */
  oneOf?: readonly string[];
}

/** With whom money and parcels are: the first of each is the default, which charges nobody and ships nothing. */
export const paymentGateways = ['sandbox', 'stripe'] as const;
export const carriers = ['sandbox', 'easypost'] as const;

export const env = {
  ORDERS_TABLE: { meaning: 'orders, their events, and the pointers from tracking numbers', unit: 'table name' },
  INVENTORY_TABLE: { meaning: 'stock per SKU, and reservations', unit: 'table name' },
  WAITS_TABLE: { meaning: 'one item per wait: task token and answer', unit: 'table name' },
  ORDER_LINES_BUCKET: { meaning: 'the lines of big orders', unit: 'bucket name' },
  IDEMPOTENCY_TABLE: { meaning: 'records of Powertools idempotency', unit: 'table name' },
  SANDBOX_TABLE: {
    meaning: "books of the sandbox gateway and carrier, and the sandbox mailer's outbox",
    unit: 'table name',
  },
  PROVIDERS_TABLE: {
    meaning: 'what outside parties know under keys of ours: their own ids, and the mails that SES took',
    unit: 'table name',
  },
  STATE_MACHINE_ARN: { meaning: 'what an order starts: the alias `live`', unit: 'state machine alias ARN' },
  CALLBACK_BASE_URL: { meaning: 'where callback links point: the HTTP API', unit: 'URL without a slash at its end' },
  /**
   * The secret is a flat JSON object, because CloudFormation can generate one key of a flat object only:
   * `{ "current": "k1", "k1": "<64 random letters and digits>" }`. `current` names the key that signs; every other
   * member is a key id with its key, and all of them verify. A rotation (every 30 days, lib/callback-keys.ts) adds the
   * next one, points `current` at it, and keeps the one before alone. The HMAC key is the UTF-8 text, not decoded further.
   */
  CALLBACK_KEYS_SECRET_ARN: { meaning: 'the keys that sign callback links', unit: 'secret ARN' },
  /** The secret's string is the key itself (UTF-8 text, no JSON): paste the one that the carrier gave you. */
  CARRIER_WEBHOOK_SECRET_ARN: { meaning: 'the key that signs carrier events', unit: 'secret ARN' },
  PAYMENT_GATEWAY: {
    meaning: 'who charges the customers',
    unit: paymentGateways.join(' or '),
    default: paymentGateways[0],
    oneOf: paymentGateways,
  },
  /** The secret's string is the key itself: `sk_...` or, better, a restricted `rk_...`. */
  STRIPE_KEY_SECRET_ARN: { meaning: 'the API key of Stripe', unit: 'secret ARN' },
  CARRIER: {
    meaning: 'who sells the labels and sends the events of parcels',
    unit: carriers.join(' or '),
    default: carriers[0],
    oneOf: carriers,
  },
  /** The secret's string is the key itself. */
  EASYPOST_KEY_SECRET_ARN: { meaning: 'the API key of EasyPost', unit: 'secret ARN' },
  CARRIER_SHIPMENT: {
    meaning: 'where parcels are sent from, and what a parcel is',
    unit: 'JSON object, context `carrierShipment`',
  },
  JWT_STAFF_SCOPE: {
    meaning: "which scope makes a token one of staff; every other is a customer's. Empty: there are no tokens, but IAM",
    unit: 'scope',
    default: '',
  },
  MAIL_FROM: {
    meaning: 'sender of our mails; empty: the sandbox outbox instead of SES',
    unit: 'mail address',
    default: '',
  },
  WAREHOUSE_EMAIL: { meaning: 'who is asked to pick an order', unit: 'mail address' },
  SUPERVISOR_EMAIL: { meaning: 'who is asked when the first contact did not answer', unit: 'mail address' },
  OPERATOR_EMAIL: { meaning: 'who is asked when an undo gave up', unit: 'mail address' },
  REMINDERS_GROUP: { meaning: 'where the reminders of waits are kept', unit: 'schedule group name' },
  REMINDERS_QUEUE_ARN: { meaning: 'where a schedule puts the reminder that is due', unit: 'queue ARN' },
  REMINDERS_ROLE_ARN: { meaning: 'as whom EventBridge Scheduler sends to that queue', unit: 'role ARN' },
  WAIT_TIMEOUTS_SECONDS: {
    meaning: 'how long each waiting state of the process waits',
    unit: 'JSON object, state name to seconds',
  },
  POWERTOOLS_SERVICE_NAME: { meaning: '`service` in logs, metrics and traces', unit: 'name', default: 'waybill' },
  POWERTOOLS_METRICS_NAMESPACE: { meaning: 'CloudWatch namespace of our metrics', unit: 'name', default: 'Waybill' },
  POWERTOOLS_LOG_LEVEL: { meaning: 'least severe level that is logged', unit: 'level', default: 'INFO' },
} as const satisfies Record<string, EnvDefinition>;

export type EnvName = keyof typeof env;

type EnvValue<Name extends EnvName> = (typeof env)[Name] extends { oneOf: readonly (infer Value)[] } ? Value : string;

/**
 * Reads the variables named, once, at the top of a handler or adapter:
 * `const { ORDERS_TABLE } = readEnv(['ORDERS_TABLE']);`
 * Throws one sentence that names every missing or wrong variable, so that a function that was wired wrongly fails at its start.
 */
export function readEnv<const Name extends EnvName>(
  names: readonly Name[],
  from: Readonly<Record<string, string | undefined>> = process.env,
): { [Each in Name]: EnvValue<Each> } {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const name of names) {
    const { meaning, unit, default: fallback, oneOf }: EnvDefinition = env[name];
    const value = from[name] || fallback;
    if (value === undefined) missing.push(`${name} (${meaning}; ${unit})`);
    else if (oneOf && !oneOf.includes(value)) wrong.push(`${name} must be ${unit}, found ${JSON.stringify(value)}`);
    else values[name] = value;
  }
  if (missing.length > 0) throw new Error(`environment variables that must be set and are not: ${missing.join(', ')}`);
  if (wrong.length > 0) throw new Error(`environment variables: ${wrong.join(', ')}`);
  return values as { [Each in Name]: EnvValue<Each> };
}
