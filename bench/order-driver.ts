/**
 * A warehouse and a carrier that answer at once: what is left of an order's time is the system's own. The driver uses the
 * front door only: it reads the mails as they come, opens the link as a browser does, and scans the parcel.
 */
import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FrontDoor, Mail } from '../examples/front-door.ts';
import { fillShelves, openLocalFrontDoor } from '../examples/local-front-door.ts';
import type { LocalRuntime } from '../examples/local-runtime.ts';
import { openStepFunctions } from './step-functions-client.ts';

export interface OrderDriver extends Disposable {
  door: FrontDoor;
  /**
   * Places an order (by default one of two lines that are in stock) and sees it through. Milliseconds from the POST to its
   * 202, and to the execution's success.
   */
  fulfil(
    pollMs: number,
    body?: object | string,
  ): Promise<{ acceptedMs: number; completedMs: number; executionArn: string }>;
}

const order = {
  customer: { name: 'Ada Byron', email: 'ada@example.com' },
  currency: 'EUR',
  lines: [
    { sku: 'BENCH-1', quantity: 1, unitPriceMinor: 3490 },
    { sku: 'BENCH-2', quantity: 2, unitPriceMinor: 1250 },
  ],
  shipTo: { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
  paymentToken: 'tok_visa',
};

export async function openOrderDriver(
  runtime: Pick<LocalRuntime, 'awsEndpoint' | 'outputs' | 'mailboxDir' | 'now'>,
): Promise<OrderDriver> {
  const stepFunctions = openStepFunctions(runtime.awsEndpoint);
  await fillShelves(runtime, {
    'BENCH-1': 1_000_000,
    'BENCH-2': 1_000_000,
  });
  const door = await openLocalFrontDoor(runtime);
  const failures: unknown[] = [];
  /** Resolves when the carrier has the order's parcel: until then nobody needs to ask whether the order is completed. */
  const pickups = new Map<string, PromiseWithResolvers<void>>();
  const pickupOf = (orderId: string) => {
    const known = pickups.get(orderId) ?? Promise.withResolvers<void>();
    pickups.set(orderId, known);
    return known;
  };

  const react = async (file: string) => {
    const mail = JSON.parse(await readFile(join(runtime.mailboxDir, file), 'utf8')) as Mail;
    const link = /https?:\/\/\S*\/waits\/\S+/.exec(mail.text)?.[0];
    if (link) return void (await door.answerByLink(link, 'picked'));
    const trackingNumber = /\bWB[0-9A-F]{20}\b/.exec(mail.text)?.[0];
    const orderId = /\bord_\w+/.exec(mail.subject)?.[0];
    if (!trackingNumber || !orderId) return;
    await door.carrierEvent({ id: randomUUID(), type: 'picked_up', trackingNumber });
    pickupOf(orderId).resolve();
  };
  const seen = new Set<string>();
  const watcher = watch(runtime.mailboxDir, (_, file) => {
    if (!file?.endsWith('.json') || seen.has(file)) return;
    seen.add(file);
    react(file).catch((error) => failures.push(error));
  });

  return {
    door,
    async fulfil(pollMs, given: object | string = order) {
      const startedAt = performance.now();
      const { status, body } = await door.placeOrder(given, randomUUID());
      if (status !== 202) throw new Error(`POST /orders answered ${status}: ${JSON.stringify(body)}`);
      const acceptedMs = performance.now() - startedAt;
      const executionArn = executionArnOf(runtime.outputs.StateMachineArn!, body.orderId);
      const pickup = pickupOf(body.orderId).promise.then(() => true);
      while (!(await Promise.race([pickup, delay(5_000, false)]))) {
        if (failures.length > 0) throw failures[0];
        await stepFunctions.hasSucceeded(executionArn);
      }
      await stepFunctions.succeeded(executionArn, pollMs);
      pickups.delete(body.orderId);
      return { acceptedMs, completedMs: performance.now() - startedAt, executionArn };
    },
    [Symbol.dispose]() {
      watcher.close();
      stepFunctions[Symbol.dispose]();
    },
  };
}

/** An execution's ARN names the machine, whatever alias it was started through. */
export function executionArnOf(stateMachineArn: string, name: string): string {
  const [arn, partition, service, region, account, , machine] = stateMachineArn.split(':');
  return [arn, partition, service, region, account, 'execution', machine, name].join(':');
}
