import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Wait } from '../../lambdas/domain/wait.ts';
import type { startSteps } from '../support/steps.ts';

/**
 * An operator who does by hand what is stuck, each undo at the party that it concerns: the gateway's own pages, a call to
 * the carrier, the goods put back on the shelf. Returns whether that was possible: with the parcel perhaps on its way it is not.
 */
export async function createOperator({ documentClient }: Awaited<ReturnType<typeof startSteps>>) {
  const { sandboxPaymentGateway } = await import('../../lambdas/adapters/sandbox-payment-gateway.ts');
  const { sandboxCarrier } = await import('../../lambdas/adapters/sandbox-carrier.ts');
  const { readReservation } = await import('../../lambdas/adapters/inventory-table.ts');
  const { readWait } = await import('../../lambdas/adapters/wait-table.ts');
  const { carrierPickupWaitOf } = await import('../../lambdas/domain/wait.ts');
  const { providerKeyOf } = await import('../../lambdas/domain/order.ts');

  const byHand: Readonly<Record<string, (orderId: string) => Promise<unknown>>> = {
    RefundPayment: (orderId) => sandboxPaymentGateway.reverse(providerKeyOf(orderId, 'ChargePayment')),
    VoidShippingLabel: (orderId) => sandboxCarrier.voidLabel(providerKeyOf(orderId, 'CreateShippingLabel')),
    async ReleaseInventory(orderId) {
      const reservation = await readReservation(orderId);
      if (reservation?.status !== 'reserved' || !reservation.lines) return;
      for (const { sku, quantity } of reservation.lines) await putBack(sku, quantity);
    },
  };

  const putBack = (sku: string, quantity: number) =>
    documentClient.send(
      new UpdateCommand({
        TableName: 'inventory',
        Key: { sku, sk: 'stock' },
        UpdateExpression: 'ADD available :quantity',
        ExpressionAttributeValues: { ':quantity': quantity },
      }),
    );

  return async function doByHand({ orderId, note = '' }: Wait): Promise<boolean> {
    const pickup = await readWait(carrierPickupWaitOf(orderId).waitId);
    if (!pickup?.answer?.error) return false;
    for (const [, undo] of note.matchAll(/(\w+) failed:/g)) await byHand[undo!]!(orderId);
    return true;
  };
}
