import type { OutstandingTask } from '../../local/asl/signal.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { request } from '../support/http-event.ts';
import type { InterpreterDriver } from '../support/interpreter-driver.ts';
import type { startSteps } from '../support/steps.ts';
import { consume, sqsEvent, streamEvent } from '../support/wait-events.ts';

/** What is around the process: its queue, people, the carrier, the stream that delivers answers, and the time that passes. */
export async function createOutside(steps: Awaited<ReturnType<typeof startSteps>>, aws: FakeAws) {
  const { handler: openWait } = await import('../../lambdas/waits/open-wait.ts');
  const { handler: failDeadWait } = await import('../../lambdas/waits/fail-dead-wait.ts');
  const { handler: deliverAnswer } = await import('../../lambdas/waits/deliver-answer.ts');
  const { handler: cancelOrder } = await import('../../lambdas/api/cancel-order.ts');
  const { handler: carrierEvent } = await import('../../lambdas/api/carrier-event.ts');
  const { giveAnswer, readWait } = await import('../../lambdas/adapters/wait-table.ts');
  const { signWebhook } = await import('../../lambdas/domain/webhook-signature.ts');

  /** Tokens of two executions may be the same text: one delivery after the other. */
  let lastDelivery: Promise<unknown> = Promise.resolve();

  async function deliverNow(driver: InterpreterDriver, waitIds: Iterable<string>): Promise<number> {
    const waiting = driver.outstanding.tasks.filter(({ phase }) => phase === 'submitted');
    aws.openTokens.clear();
    for (const { taskToken } of waiting) aws.openTokens.add(taskToken);
    aws.deliveries.length = 0;
    await consume(deliverAnswer, streamEvent([...waitIds]));
    const deliveries = [...aws.deliveries];
    for (const { token, output, error } of deliveries) {
      const { taskId } = waiting.find(({ taskToken }) => taskToken === token)!;
      if (error === undefined) await driver.signal({ type: 'taskSucceeded', taskId, output: JSON.stringify(output) });
      else await driver.signal({ type: 'taskFailed', taskId, error });
    }
    return deliveries.length;
  }

  return {
    messageOf: ({ parameters }: OutstandingTask) => JSON.parse(parameters).MessageBody,
    open: (message: object) => consume(openWait, sqsEvent([message])),
    /** The message could not be taken for hours, and is a dead letter. */
    giveUp: (message: object) => consume(failDeadWait, sqsEvent([message])),
    readWait,

    /** A person answers, if there is anything to be answered. */
    async press(waitId: string, action: string): Promise<void> {
      const wait = await readWait(waitId);
      if (wait?.actions && !wait.answer) await giveAnswer(wait, { action, by: 'Robin', at: new Date().toISOString() });
    },
    async answerByHand(waitId: string): Promise<void> {
      const wait = await readWait(waitId);
      const at = new Date().toISOString();
      await giveAnswer(wait!, { action: 'done-by-hand', by: 'Ada (operator)', at, detail: { reason: 'by hand' } });
    },
    async end(waitId: string, error: string): Promise<void> {
      await giveAnswer((await readWait(waitId))!, { error, by: 'workflow', at: new Date().toISOString() });
    },

    /** The status of the customer's cancellation. */
    async cancel(orderId: string): Promise<number> {
      const path = `/orders/${orderId}/cancellation`;
      return (await request(cancelOrder, { method: 'POST', path, pathParameters: { orderId } })).status;
    },

    /** What the carrier is told about its scan. */
    async scan(trackingNumber: string, id: string): Promise<string> {
      const body = JSON.stringify({ id, type: 'picked_up', trackingNumber, occurredAt: '2030-01-04T00:00:00Z' });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = signWebhook('the key of the carrier', timestamp, body);
      const headers = {
        'content-type': 'application/json',
        'x-carrier-timestamp': timestamp,
        'x-carrier-signature': signature,
      };
      return (await request(carrierEvent, { method: 'POST', path: '/carrier-events', body, headers })).body.result;
    },

    /** The number that the carrier itself has for the order's parcel, on record with us or not. */
    trackingNumberOf: async (orderId: string) =>
      (await steps.bookOf(`label#${orderId}#CreateShippingLabel`))?.trackingNumber as string | undefined,

    /** How many answers came to the process. */
    deliver(driver: InterpreterDriver, waitIds: Iterable<string>): Promise<number> {
      const delivery = lastDelivery.then(() => deliverNow(driver, waitIds));
      lastDelivery = delivery.catch(() => {});
      return delivery;
    },

    /** Until the next thing is due. */
    async letTimePass(driver: InterpreterDriver): Promise<void> {
      const [first] = driver.outstanding.timers.sort((a, b) => a.dueAt - b.dueAt);
      if (!first) return;
      driver.now = Math.max(driver.now, first.dueAt);
      await driver.signal({ type: 'timer', timerId: first.timerId });
    },
  };
}
export type Outside = Awaited<ReturnType<typeof createOutside>>;
