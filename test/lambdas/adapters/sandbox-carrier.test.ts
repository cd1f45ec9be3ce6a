import { afterAll } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { carrierContract } from './carrier.contract.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const { sandboxCarrier } = await import('../../../lambdas/adapters/sandbox-carrier.ts');

carrierContract('the sandbox carrier', sandboxCarrier);
