import { Duration, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { GrantedTable } from './permissions.ts';
import { dataOptions } from './retention.ts';

const string = (name: string) => ({ name, type: AttributeType.STRING });

/** Tables, and a bucket. Tables on demand, point-in-time recovery, encrypted with DynamoDB's own key (which costs nothing). */
export class OrderStorage extends Construct {
  /** By the names that rows use in their grants. */
  readonly tables: Readonly<
    Record<'orders' | 'inventory' | 'waits' | 'idempotency' | 'sandbox' | 'providers', GrantedTable>
  >;

  readonly buckets: Readonly<Record<'orderLines', Bucket>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);

    /** `orderId` + `order` is the order, `event#000001` its events; `tracking#<number>` + `tracking` points to an order. */
    const orders = this.table('Orders', { partitionKey: string('orderId'), sortKey: string('sk') });
    orders.addGlobalSecondaryIndex({
      indexName: 'byStatus',
      partitionKey: string('status'),
      sortKey: string('createdAt'),
      projectionType: ProjectionType.ALL,
    });

    // Who looks for orders that have stopped: beside `byStatus`, because one deployment can add an index or remove one.
    orders.addGlobalSecondaryIndex({
      indexName: 'byProgress',
      partitionKey: string('status'),
      sortKey: string('updatedAt'),
      projectionType: ProjectionType.KEYS_ONLY,
    });

    /** `sku` + `stock` is what is on the shelf; `reservation#<orderId>` + `reservation` (and `chunk#000`, ...) what an order took. */
    const inventory = this.table('Inventory', { partitionKey: string('sku'), sortKey: string('sk') });

    /** One item per wait; its stream delivers the answers. Only an open wait has `openedAt`, and so is in the inbox. */
    const waits = this.table('Waits', { partitionKey: string('waitId'), stream: StreamViewType.NEW_IMAGE });
    waits.addGlobalSecondaryIndex({
      indexName: 'byKind',
      partitionKey: string('kind'),
      sortKey: string('openedAt'),
      projectionType: ProjectionType.ALL,
    });
    // Who looks for waits past their deadline, or with an answer on its way, wants to know which: the rest is in the table.
    waits.addGlobalSecondaryIndex({
      indexName: 'byDeadline',
      partitionKey: string('waiting'),
      sortKey: string('expiresAt'),
      projectionType: ProjectionType.KEYS_ONLY,
    });

    /** Records of Powertools idempotency, in its own vocabulary. */
    const idempotency = this.table('Idempotency', { partitionKey: string('id'), timeToLiveAttribute: 'expiration' });

    /** The books of the sandbox gateway and carrier, and the sandbox outbox: what an outside party would remember. */
    const sandbox = this.table('Sandbox', { partitionKey: string('key') });

    /** What an outside party knows under a key of ours: its own id of what was prepared there, a mail that it took. */
    const providers = this.table('Providers', { partitionKey: string('key') });

    this.tables = {
      orders: { table: orders, indexes: ['byStatus', 'byProgress'] },
      inventory: { table: inventory, indexes: [] },
      waits: { table: waits, indexes: ['byKind', 'byDeadline'] },
      idempotency: { table: idempotency, indexes: [] },
      sandbox: { table: sandbox, indexes: [] },
      providers: { table: providers, indexes: [] },
    };
    this.buckets = { orderLines: this.orderLines() };
  }

  /** Lines that are too many to travel with their order: `placed/<order>/<digest>`, and, of written orders, `orders/...`. */
  private orderLines(): Bucket {
    const bucket = new Bucket(this, 'OrderLines', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: dataOptions(this).removalPolicy,
      lifecycleRules: [
        {
          // An execution whose input names one can be started again for as long; then nothing names it that was not written.
          prefix: 'placed/',
          expiration: Duration.days(90),
        },
      ],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only our own functions reach it, each under a role of its own: CloudTrail data events tell more.',
    });
    return bucket;
  }

  private table(id: string, props: TableProps): Table {
    return new Table(this, id, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...dataOptions(this),
      ...props,
    });
  }
}
