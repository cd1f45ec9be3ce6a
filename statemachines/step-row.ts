/** What a Lambda may do with a resource: DynamoDB actions by their API name, without the service prefix. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem';

/** What a Lambda may do with objects: S3 actions by their API name, without the service prefix. */
export type ObjectAction = 'GetObject' | 'PutObject';

/** Keys are the names under which lib/order-stack.ts hands resources to the workflow (`orders`, `callbackKeys`, ...). */
export interface Grants {
  tables?: Readonly<Record<string, readonly TableAction[]>>;
  /** By bucket, and by the folder in it: `{ orderLines: { placed: ['PutObject'] } }` is everything under `placed/`. */
  buckets?: Readonly<Record<string, Readonly<Record<string, readonly ObjectAction[]>>>>;
  secrets?: readonly string[];
  /** May send mail through SES as the configured sender. */
  sendMail?: boolean;
  /** May charge and refund at the configured payment gateway. */
  payments?: boolean;
  /** May buy and void labels at the configured carrier, only ask it what it sold, or take its events. */
  carrier?: 'labels' | 'lookup' | 'events';
}

/** One row per Task state that runs a Lambda; the row's name is the state's name. */
export interface StepRow {
  /** Path from the project's root; exports `handler`. */
  handler: string;
  /** The Lambda's own timeout. The state's TimeoutSeconds must be longer, which a test checks. */
  timeoutSeconds: number;
  /** The state that undoes it. `nothing` says why there is nothing to undo. */
  undoneBy: string | { nothing: string };
  /**
   * Of the function, and so of every version of it: code and variables stay with a version, rights do not. A right that is
   * taken from a row is taken from the orders in flight on older versions too, so take it away when no order runs on
   * one that needs it.
   */
  grants: Grants;
  /**
   * No state names the step any more, and orders in flight still run on definitions that do. Without its row the
   * function would go, and all of its versions with it: keep the row until nothing needs them.
   */
  retired?: true;
}

export type Steps = Readonly<Record<string, StepRow>>;
