/**
 * Every error that a step throws on purpose. Its `name` is what `Retry` and `Catch` of the process match, so it is an
 * API: renaming a class here without the definition changes what happens to an order. Names are written out, because a
 * bundler that minifies renames classes.
 *
 * Three families, and the definition treats them so: business ends, transient (tried again), and the rest (undone).
 */

// Business ends: nothing is broken, the order ends rejected or cancelled.

/** The customer's bank said no, or the gateway to what the customer pays with. `declineCode` is the gateway's, e.g. `insufficient_funds`. */
export class PaymentDeclined extends Error {
  override readonly name = 'PaymentDeclined';
  readonly declineCode: string;
  constructor(orderId: string, declineCode: string) {
    super(`order ${orderId}: the payment was declined (${declineCode})`);
    this.declineCode = declineCode;
  }
}

/** `available` is absent for a SKU that we do not know. */
export interface Shortage {
  sku: string;
  wanted: number;
  available?: number;
}

/** A message goes into the order and into the execution's history, so that of five thousand shortages the first are told. */
const shortagesTold = 20;

function shortagesText(shortages: readonly Shortage[]): string {
  const told = shortages
    .slice(0, shortagesTold)
    .map((s) => `${s.sku}: ${s.wanted} wanted, ${s.available ?? 'not a known SKU'}`);
  const more = shortages.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

export class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
  readonly shortages: readonly Shortage[];
  constructor(orderId: string, shortages: readonly Shortage[]) {
    super(`order ${orderId}: not enough stock (${shortagesText(shortages)})`);
    this.shortages = shortages;
  }
}

export class UnknownSku extends Error {
  override readonly name = 'UnknownSku';
  readonly shortages: readonly Shortage[];
  constructor(orderId: string, shortages: readonly Shortage[]) {
    super(`order ${orderId}: a SKU that the inventory does not have (${shortagesText(shortages)})`);
    this.shortages = shortages;
  }
}

/** The point of no return was passed: thrown by the first undo, caught by the way to completion. */
export class ParcelPickedUp extends Error {
  override readonly name = 'ParcelPickedUp';
  constructor(orderId: string) {
    super(`order ${orderId}: the carrier has the parcel, nothing is undone any more`);
  }
}

/**
 * Errors that waits are answered with (never thrown by a Lambda): a cancellation, a wait that nobody answered, and one that
 * nobody could be asked about.
 */
export const waitErrors = { cancelled: 'OrderCancelled', expired: 'WaitExpired', notOpened: 'WaitNotOpened' } as const;

/** The carrier does not know the address that the customer gave. The message names the fields, not what is in them. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * Whether nothing is broken when an order is cancelled for this reason: somebody wanted it, nobody answered, the customer's
 * address is none, or it is an order of before that is undone to its end. Any other reason is the name of an error.
 */
export const isIntended = (reason: string): boolean =>
  ([waitErrors.cancelled, waitErrors.expired, 'AddressRefused', 'AlreadyUndone'] as string[]).includes(reason);

// Transient: the same call may well succeed a little later.

export class GatewayUnavailable extends Error {
  override readonly name = 'GatewayUnavailable';
}

export class CarrierUnavailable extends Error {
  override readonly name = 'CarrierUnavailable';
}

export class MailUnavailable extends Error {
  override readonly name = 'MailUnavailable';
}

/** An AWS service throttled, failed, or could not be reached; the original error is the `cause`. */
export class ServiceUnavailable extends Error {
  override readonly name = 'ServiceUnavailable';
}

/** Others wrote the same items all the time that we tried to. */
export class TableContended extends Error {
  override readonly name = 'TableContended';
}

/** Another invocation of this step for this order is running, or was killed and its lease has not ended yet. */
export class StepInProgress extends Error {
  override readonly name = 'StepInProgress';
}

export const transientErrors = [
  'GatewayUnavailable',
  'CarrierUnavailable',
  'MailUnavailable',
  'ServiceUnavailable',
  'TableContended',
  'StepInProgress',
] as const;

/** Met by any step, because every one of them writes to tables, once: the `Retry` of each has them. */
export const transientInEveryStep = ['ServiceUnavailable', 'TableContended', 'StepInProgress'] as const;

// The rest: trying again does not help.

export class OrderNotFound extends Error {
  override readonly name = 'OrderNotFound';
  constructor(orderId: string) {
    super(`order ${orderId} does not exist`);
  }
}

/** A step came after its own undo. It must not act any more: nobody would undo it. */
export class AlreadyUndone extends Error {
  override readonly name = 'AlreadyUndone';
  constructor(orderId: string, what: string) {
    super(`order ${orderId}: ${what} was undone already and is not done again`);
  }
}

/** An order that has ended one way cannot end another. */
export class AlreadyEnded extends Error {
  override readonly name = 'AlreadyEnded';
  constructor(orderId: string, status: string) {
    super(`order ${orderId} has ended: it is ${status}`);
  }
}

/** An order was to be closed as rejected or cancelled while something of it is still held. */
export class StillHeld extends Error {
  override readonly name = 'StillHeld';
  constructor(orderId: string, held: readonly string[]) {
    super(`order ${orderId} cannot be closed: ${held.join(', ')} not undone`);
  }
}

/** Nobody has put the API key of a provider into its secret yet, or something that cannot be one. */
export class NoProviderKey extends Error {
  override readonly name = 'NoProviderKey';
}

/**
 * The payment gateway will not do what is asked before somebody mends something: its key, the key's rights, a price that
 * it cannot charge. The message says what it refused.
 */
export class GatewayMisconfigured extends Error {
  override readonly name = 'GatewayMisconfigured';
}

/** A mail that is not taken, now or later, for its address or its text. The message is the reason, without the address. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}

/** Input that does not fit a step's schema. The message names the fields and never repeats their values. */
export class InvalidStepInput extends Error {
  override readonly name = 'InvalidStepInput';
}

/** What is kept of an order's lines is not what the order was placed with. */
export class OrderLinesDamaged extends Error {
  override readonly name = 'OrderLinesDamaged';
  constructor(orderId: string, found: string) {
    super(`order ${orderId}: ${found}`);
  }
}

/**
 * The carrier sells no label for this: a parcel that it has no rate for, an account without money. Perhaps the customer's
 * address is behind it, perhaps a setting with which no order will ever have a label: so it is not `isIntended`.
 */
export class LabelRefused extends Error {
  override readonly name = 'LabelRefused';
}

/** The carrier does not take a label back: it may be used yet, and a person must see to it. */
export class LabelNotTakenBack extends Error {
  override readonly name = 'LabelNotTakenBack';
}

/** No call to the carrier can go well before somebody changes a setting; the message says which. */
export class CarrierMisconfigured extends Error {
  override readonly name = 'CarrierMisconfigured';
}

export class PayloadTooLarge extends Error {
  override readonly name = 'PayloadTooLarge';
}

export class AmountTooLarge extends Error {
  override readonly name = 'AmountTooLarge';
}
