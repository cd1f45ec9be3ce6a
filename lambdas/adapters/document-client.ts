import { DynamoDBClient, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The one DynamoDB client of a function: its connections are shared by every adapter in the bundle. */
export const dynamoDbClient = new DynamoDBClient({});

// DynamoDB refuses a single write while a transaction is writing the same item, and the SDK takes that for final. It is
// over in milliseconds: so the SDK tries again, and what is refused even then is transient (see transient.ts). Without
// this an undo that meets a cancellation or a carrier's scan on the wait's item would give up and go to an operator.
dynamoDbClient.middlewareStack.add(
  (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      throw error instanceof TransactionConflictException ? Object.assign(error, { $retryable: {} }) : error;
    }
  },
  // Inside of the SDK's retries, outside of what makes the answer an error.
  { name: 'retryTransactionConflict', step: 'deserialize', priority: 'high' },
);

/** The same client, taking and giving plain objects. */
export const documentClient = DynamoDBDocumentClient.from(dynamoDbClient, {
  marshallOptions: { removeUndefinedValues: true },
});
