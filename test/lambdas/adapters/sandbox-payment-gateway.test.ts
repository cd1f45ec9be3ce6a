import { afterAll } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { paymentGatewayContract } from './payment-gateway.contract.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const { sandboxPaymentGateway } = await import('../../../lambdas/adapters/sandbox-payment-gateway.ts');

paymentGatewayContract('the sandbox payment gateway', sandboxPaymentGateway);
