import type { PlacedOrder } from '../../lambdas/domain/order.ts';
import type { OutstandingTask } from '../../local/asl/signal.ts';
import type { startFakeAws } from '../support/fake-aws.ts';
import { request } from '../support/http-event.ts';
import { InterpreterDriver } from '../support/interpreter-driver.ts';
import { orderDefinition as definition } from '../support/order-definition.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { StepName, startSteps } from '../support/steps.ts';
import { consume, sqsEvent, streamEvent } from '../support/wait-events.ts';
import { killableCalls } from './killed-calls.ts';
import type { Told } from './order-books.ts';
import { createOperator } from './undone-by-hand.ts';

type Steps = Awaited<ReturnType<typeof startSteps>>;
type Aws = Awaited<ReturnType<typeof startFakeAws>>;

/**
 * Plays orders against the real definition, the real handlers and a real DynamoDB, as badly as AWS, people and carriers
 * can: calls are lost, killed at any request, late, or come twice; messages too; time runs out; a cancellation and a scan
 * come at any moment; and when an execution fails, somebody starts the order again. All of it from one seed.
 */
export async function createAdversary(steps: Steps, aws: Aws) {
  const { handler: openWait } = await import('../../lambdas/waits/open-wait.ts');
  const { handler: deliverAnswer } = await import('../../lambdas/waits/deliver-answer.ts');
  const { handler: cancelOrder } = await import('../../lambdas/api/cancel-order.ts');
  const { handler: carrierEvent } = await import('../../lambdas/api/carrier-event.ts');
  const { claimAnswer, readWait } = await import('../../lambdas/adapters/wait-table.ts');
  const { dynamoDbClient } = await import('../../lambdas/adapters/document-client.ts');
  const { signWebhook } = await import('../../lambdas/domain/webhook-signature.ts');
  const makeCall = killableCalls(dynamoDbClient);
  const doByHand = await createOperator(steps);

  /** Until an execution has succeeded, or says that the order had ended before. */
  return async function play(placed: PlacedOrder, seed: number) {
    const { orderId } = placed;
    const random = seededRandom(seed);
    const chance = (probability: number) => random() < probability;
    const mood = { faults: chance(0.85), picks: chance(0.8), cancels: chance(0.5), scans: chance(0.6) };
    const told: Told = { cancellations: [], scans: [] };
    const waitIds = new Set([`${orderId}#AwaitPicking`, `${orderId}#AwaitCarrierPickup`]);
    const late: (() => Promise<unknown>)[] = [];
    const begun = new Set<string>();
    const input = JSON.stringify(placed);
    aws.executions.set(orderId, { name: orderId, stateMachineArn: '', input, status: 'RUNNING', startDate: 1 });
    let driver = new InterpreterDriver({ definition, input: placed, name: orderId, seed: seed + 1 });

    async function press(waitId: string, action: string) {
      const wait = await readWait(waitId);
      if (wait?.actions && !wait.answer) await claimAnswer(wait, { action, by: 'Robin', at: new Date().toISOString() });
    }

    /**
     * A person does by hand what gave up, and says so. Nobody does that while a call is still under way, and that it was
     * done must get on record: the process can be started again without its record, but then it does it twice.
     */
    async function undoByHand(waitId: string) {
      const wait = await readWait(waitId);
      if (!wait?.actions || wait.answer) return;
      while (late.length > 0) await late.shift()!();
      if (!(await doByHand(wait))) return;
      mood.faults = false;
      const at = new Date().toISOString();
      await claimAnswer(wait, { action: 'done-by-hand', by: 'Ada (operator)', at, detail: { reason: 'by hand' } });
    }

    async function cancel() {
      const path = `/orders/${orderId}/cancellation`;
      const { status } = await request(cancelOrder, { method: 'POST', path, pathParameters: { orderId } });
      told.cancellations.push(status);
    }

    async function scan() {
      const trackingNumber = (await steps.getOrder(orderId))?.label?.trackingNumber;
      if (!trackingNumber) return;
      const id = `${orderId}-${Math.floor(random() * 3)}`;
      const body = JSON.stringify({ id, type: 'picked_up', trackingNumber, occurredAt: '2030-01-01T00:00:00Z' });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = signWebhook('the key of the carrier', timestamp, body);
      const headers = {
        'content-type': 'application/json',
        'x-carrier-timestamp': timestamp,
        'x-carrier-signature': signature,
      };
      told.scans.push(
        (await request(carrierEvent, { method: 'POST', path: '/carrier-events', body, headers })).body.result,
      );
    }

    async function others() {
      if (mood.picks && chance(0.4)) await press(`${orderId}#AwaitPicking`, 'picked');
      if (mood.cancels && chance(0.05)) await cancel();
      if (chance(mood.scans ? 0.25 : 0.01)) await scan();
      for (const waitId of waitIds) {
        if (!waitId.includes('Operator') || chance(0.5)) continue;
        await (chance(0.7) ? press(waitId, 'try-again') : undoByHand(waitId));
      }
      if (late.length > 0 && chance(0.3)) await late.splice(Math.floor(random() * late.length), 1)[0]!();
      if (mood.faults && chance(0.02)) await steps.loseRecords();
    }

    async function wait({ taskId, parameters }: OutstandingTask) {
      const { MessageBody: message } = JSON.parse(parameters);
      waitIds.add(message.waitId);
      const open = () => consume(openWait, sqsEvent([message]));
      await driver.signal({ type: 'taskSubmitted', taskId, output: '{}' });
      if (mood.faults && chance(0.2)) late.push(open);
      else await open();
      if (mood.faults && chance(0.2)) late.push(open);
    }

    async function step({ taskId, stateName, parameters }: OutstandingTask) {
      const { Payload } = JSON.parse(parameters);
      // A lease of 1 ms: the next call need not wait for the end of one that was killed.
      const call = () => steps.call(stateName as StepName, Payload, 1);
      const fail = (error: string) => driver.signal({ type: 'taskFailed', taskId, error, cause: '{}' });
      const fate = mood.faults ? random() : 0;
      if (fate > 0.88) {
        late.push(() => call().catch(() => {}));
        return fail(chance(0.8) ? 'Sandbox.Timedout' : 'TypeError');
      }
      if (fate > 0.84) return fail('TypeError');
      if (fate > 0.74) return fail('Lambda.ServiceException');
      if (fate > 0.6) {
        await call().catch(() => {});
        return fail('Lambda.Unknown');
      }
      const kill = { atRequest: 1 + Math.floor(random() * 7), afterEffect: chance(0.5) };
      try {
        const result = {
          StatusCode: 200,
          Payload: await makeCall(call, mood.faults && chance(0.35) ? kill : undefined),
        };
        return driver.signal({ type: 'taskSucceeded', taskId, output: JSON.stringify(result) });
      } catch (error) {
        return fail((error as Error).name);
      }
    }

    async function deliver() {
      const waiting = driver.outstanding.tasks.filter(({ phase }) => phase === 'submitted');
      aws.openTokens.clear();
      for (const { taskToken } of waiting) aws.openTokens.add(taskToken);
      aws.deliveries.length = 0;
      await consume(deliverAnswer, streamEvent([...waitIds]));
      for (const { token, output, error } of aws.deliveries) {
        const { taskId } = waiting.find(({ taskToken }) => taskToken === token)!;
        if (error === undefined) {
          await driver.signal({ type: 'taskSucceeded', taskId, output: JSON.stringify(output) });
        } else await driver.signal({ type: 'taskFailed', taskId, error });
      }
    }

    async function letTimePass() {
      const [first] = driver.outstanding.timers.sort((a, b) => a.dueAt - b.dueAt);
      if (!first) return;
      driver.now = Math.max(driver.now, first.dueAt);
      await driver.signal({ type: 'timer', timerId: first.timerId });
    }

    async function run() {
      await driver.signal({ type: 'start' });
      while (driver.execution.status === 'RUNNING') {
        await others();
        const task = driver.outstanding.tasks.find(({ taskId }) => !begun.has(taskId));
        if (task) {
          begun.add(task.taskId);
          await (task.resource.includes('sqs:') ? wait(task) : step(task));
          continue;
        }
        const waits = driver.outstanding.tasks.length > 0;
        if (waits && chance(0.7)) await deliver();
        else if (!waits || chance(0.4)) await letTimePass();
      }
    }

    await run();
    const unfinished = () => driver.execution.status === 'FAILED' && !driver.execution.cause?.includes('AlreadyEnded');
    for (let number = 2; unfinished() && number <= 20; number++) {
      mood.faults &&= chance(0.3);
      const name = `${orderId}-${number}`;
      driver = new InterpreterDriver({ definition, input: placed, name, seed: seed + 1, startedAt: driver.now + 1 });
      begun.clear();
      await run();
    }
    for (const call of late) await call();
    return { execution: driver.execution, output: driver.output as { status: string } | undefined, told };
  };
}
