import { startDynamoDb } from '../dynamodb.ts';
import { startFakeStripe } from './fake-stripe.ts';
import { gatewayCalls } from './gateway-calls.ts';

/** The adapter on the fake of Stripe and a DynamoDB of its own, until they are stopped. */
export async function startStripeGateway() {
  const dynamodb = await startDynamoDb();
  const stripe = await startFakeStripe();
  const { dynamoDbClient } = await import('../../../lambdas/adapters/document-client.ts');
  const { stripePaymentGateway } = await import('../../../lambdas/adapters/stripe-payment-gateway.ts');
  return {
    stripe,
    /** Of one process, by the name of its client. */
    gatewayOf: (caller: string) => stripePaymentGateway(stripe.client(caller)),
    /** Calls whose every request is in the hands of the test. */
    calls: () => gatewayCalls(stripe, stripePaymentGateway, dynamoDbClient),
    async stop() {
      await stripe.stop();
      await dynamodb.stop();
    },
  };
}
