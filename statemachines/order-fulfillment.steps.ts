import type { Loops } from './loop-row.ts';
import type { StepRow, Steps, TableAction } from './step-row.ts';
import type { Waits } from './wait-row.ts';

/** The Lambda's own limit: a step takes some 100 ms, a cold start with retries of the SDK a few seconds. */
const timeoutSeconds = 10;

/** Appending an event: read the order, write it and the event in one transaction. */
const appends: readonly TableAction[] = ['GetItem', 'PutItem'];

/** A scan that came before its label answers the carrier's wait when the label is known. */
const answersPickup: readonly TableAction[] = ['GetItem', 'UpdateItem'];

/**
 * Every undo closes that wait before it acts, records what it finds out about the label and the parcel, and asks the
 * carrier for a label that nobody has on record.
 */
const closesPickup = {
  tables: { orders: [...appends, 'UpdateItem'], waits: answersPickup },
  carrier: 'lookup',
} as const satisfies StepRow['grants'];

const mails: StepRow['grants'] = { tables: { orders: appends }, sendMail: true };

const handler = (file: string) => `lambdas/steps/${file}.ts`;
const undo = { nothing: 'it is an undo' };
const record = { nothing: 'it only writes down what happened' };

/** One row per Task state that runs a Lambda. The order is that of the process. */
export const steps = {
  ChargePayment: {
    handler: handler('charge-payment'),
    timeoutSeconds,
    undoneBy: 'RefundPayment',
    grants: {
      tables: { orders: appends },
      payments: true,
      buckets: { orderLines: { placed: ['GetObject'], orders: ['PutObject'] } },
    },
  },
  ReserveInventory: {
    handler: handler('reserve-inventory'),
    timeoutSeconds,
    undoneBy: 'ReleaseInventory',
    grants: {
      tables: { orders: appends, inventory: ['GetItem', 'Query', 'PutItem', 'UpdateItem'] },
      buckets: { orderLines: { orders: ['GetObject'] } },
    },
  },
  CreateShippingLabel: {
    handler: handler('create-shipping-label'),
    timeoutSeconds,
    undoneBy: 'VoidShippingLabel',
    grants: { tables: { orders: [...appends, 'UpdateItem'], waits: answersPickup }, carrier: 'labels' },
  },
  SendConfirmationEmail: {
    handler: handler('send-confirmation-email'),
    timeoutSeconds,
    undoneBy: { nothing: 'a second mail says that the order was cancelled' },
    grants: mails,
  },
  CompleteOrder: {
    handler: handler('complete-order'),
    timeoutSeconds,
    undoneBy: { nothing: 'the order is past the point of no return' },
    grants: mails,
  },
  VoidShippingLabel: {
    handler: handler('void-shipping-label'),
    timeoutSeconds,
    undoneBy: undo,
    grants: { ...closesPickup, carrier: 'labels' },
  },
  ReleaseInventory: {
    handler: handler('release-inventory'),
    timeoutSeconds,
    undoneBy: undo,
    grants: {
      ...closesPickup,
      tables: { ...closesPickup.tables, inventory: ['GetItem', 'Query', 'PutItem', 'UpdateItem'] },
    },
  },
  RefundPayment: {
    handler: handler('refund-payment'),
    timeoutSeconds,
    undoneBy: undo,
    grants: { ...closesPickup, payments: true },
  },
  RecordStuckUndos: {
    handler: handler('record-stuck-undos'),
    timeoutSeconds,
    undoneBy: record,
    grants: { tables: { orders: appends } },
  },
  RecordOperatorAnswer: {
    handler: handler('record-operator-answer'),
    timeoutSeconds,
    undoneBy: record,
    grants: closesPickup,
  },
  SendCancellationEmail: {
    handler: handler('send-cancellation-email'),
    timeoutSeconds,
    undoneBy: { nothing: 'it is only sent when everything else is undone' },
    grants: mails,
  },
  CloseOrder: {
    handler: handler('close-order'),
    timeoutSeconds,
    undoneBy: { nothing: 'the order has ended' },
    grants: { tables: { orders: appends } },
  },
} as const satisfies Steps;

const hour = 60 * 60;
const day = 24 * hour;

/** Answering in the place of nobody takes seconds; this is longer than a broken queue takes to give its messages up. */
const expire = { timeoutSeconds: 12 * hour, remindAfterSeconds: [] };

/** One row per state that waits: every time in which a person, or the carrier, has to answer is here and nowhere else. */
export const waits = {
  AwaitPicking: { timeoutSeconds: day, remindAfterSeconds: [8 * hour, 20 * hour] },
  EscalatePicking: { timeoutSeconds: day, remindAfterSeconds: [12 * hour] },
  ExpirePicking: expire,
  AwaitCarrierPickup: { timeoutSeconds: 3 * day, remindAfterSeconds: [] },
  EscalateCarrierPickup: { timeoutSeconds: 2 * day, remindAfterSeconds: [1 * day] },
  ExpireCarrierPickup: expire,
  AwaitOperator: { timeoutSeconds: 7 * day, remindAfterSeconds: [1 * day, 3 * day, 6 * day] },
  ExpireOperator: expire,
} as const satisfies Waits;

/** One row per loop: nothing goes round without an end, because the history of an execution has one. */
export const loops = {
  NextUndo: { shortens: 'undo' },
  AskOperator: { counter: 'operatorTasksThisExecution', most: 10 },
} as const satisfies Loops;
