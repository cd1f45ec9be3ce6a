import { AsyncLocalStorage } from 'node:async_hooks';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

/** One call, with the end of the lease that it holds: what tells its record from that of another call. */
interface Holder {
  leaseEndsAtMs?: number | undefined;
}

/**
 * Idempotency records that only the call that wrote them completes or deletes. Powertools writes both by the record's key
 * alone: a call that was given up (`States.Timeout`), but runs on, would delete the record of the call that took its
 * place, or overwrite what that one returned, and so let in a third beside the second.
 */
export class FencedRecords extends DynamoDBPersistenceLayer {
  readonly #holders = new AsyncLocalStorage<Holder>();
  readonly #table: string;
  readonly #dynamoDb: DynamoDBClient;

  constructor(tableName: string, awsSdkV3Client: DynamoDBClient) {
    super({ tableName, awsSdkV3Client });
    this.#table = tableName;
    this.#dynamoDb = awsSdkV3Client;
  }

  /** Everything that `call` does with records it does as their holder. */
  forCall<Result>(call: () => Result): Result {
    return this.#holders.run({}, call);
  }

  /** Whether the present call has, or had, the record for itself: otherwise what it returns is another call's. */
  hasLease(): boolean {
    return this.#holders.getStore()?.leaseEndsAtMs !== undefined;
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    await super._putRecord(record);
    this.#holders.getStore()!.leaseEndsAtMs = record.inProgressExpiryTimestamp;
  }

  /** Rejects with `ConditionalCheckFailedException` when the lease has gone to another call. */
  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    const { condition, names, values } = this.#held();
    await this.#dynamoDb.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: this.getKey(record.idempotencyKey),
        UpdateExpression: 'SET expiration = :expiration, #status = :status, #data = :data',
        // What is compared stays as it is: the SDK, which lost the answer to this very write, may send it once more.
        ConditionExpression: condition,
        ExpressionAttributeNames: { ...names, '#status': 'status', '#data': 'data' },
        ExpressionAttributeValues: marshall(
          {
            ...values,
            ':expiration': record.expiryTimestamp,
            ':status': record.getStatus(),
            ':data': record.responseData ?? null,
          },
          { removeUndefinedValues: true },
        ),
      }),
    );
  }

  protected override async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    const { condition, names, values } = this.#held();
    try {
      await this.#dynamoDb.send(
        new DeleteItemCommand({
          TableName: this.#table,
          Key: this.getKey(record.idempotencyKey),
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: marshall(values),
        }),
      );
    } catch (error) {
      // Another call holds it now, or it is gone: either way there is nothing of ours to delete.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  #held() {
    return {
      condition: '#lease = :lease',
      names: { '#lease': 'in_progress_expiration' },
      values: { ':lease': this.#holders.getStore()!.leaseEndsAtMs },
    };
  }
}
