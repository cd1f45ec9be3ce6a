import type { OutstandingTask } from '../../local/asl/signal.ts';
import type { startFakeAws } from '../support/fake-aws.ts';
import { interceptedCalls } from '../support/intercepted-calls.ts';
import { InterpreterDriver } from '../support/interpreter-driver.ts';
import { orderDefinition as definition } from '../support/order-definition.ts';
import type { SmallOrder } from '../support/orders.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { StepName, startSteps } from '../support/steps.ts';
import { killableCalls } from './killed-calls.ts';
import type { Told } from './order-books.ts';
import { createOutside } from './outside.ts';
import { createOperator } from './undone-by-hand.ts';

type Steps = Awaited<ReturnType<typeof startSteps>>;
type Aws = Awaited<ReturnType<typeof startFakeAws>>;

/**
 * Plays orders against the real definition, the real handlers and a real DynamoDB, as badly as AWS, people and carriers
 * can: calls are lost, killed at any request, late, or come twice; messages too; time runs out; a cancellation and a scan
 * come at any moment; and when an execution fails, somebody starts the order again. All of it from one seed.
 */
export async function createAdversary(steps: Steps, aws: Aws) {
  const { dynamoDbClient } = await import('../../lambdas/adapters/document-client.ts');
  const outside = await createOutside(steps, aws);
  const makeCall = killableCalls(interceptedCalls(dynamoDbClient));
  const doByHand = await createOperator(steps);

  /** Until an execution has succeeded, or says that the order had ended before. */
  return async function play(placed: SmallOrder, seed: number) {
    const { orderId } = placed;
    const random = seededRandom(seed);
    const chance = (probability: number) => random() < probability;
    const mood = { faults: chance(0.85), picks: chance(0.8), cancels: chance(0.5), scans: chance(0.6), byHand: false };
    const told: Told = { cancellations: [], scans: [] };
    const waitIds = new Set([`${orderId}#AwaitPicking`, `${orderId}#AwaitCarrierPickup`]);
    const late: (() => Promise<unknown>)[] = [];
    const begun = new Set<string>();
    const input = JSON.stringify(placed);
    aws.executions.set(orderId, { name: orderId, stateMachineArn: '', input, status: 'RUNNING', startDate: 1 });
    let driver = new InterpreterDriver({ definition, input: placed, name: orderId, seed: seed + 1 });

    /**
     * A person does by hand what gave up, and says so. Nobody does that while a call is still under way, and that it was
     * done must get on record: the process can be started again without its record, but then it does it twice. So no
     * week goes by from then on before the answer is delivered.
     */
    async function undoByHand(waitId: string) {
      const wait = await outside.readWait(waitId);
      if (!wait?.actions || wait.answer) return;
      while (late.length > 0) await late.shift()!();
      if (!(await doByHand(wait))) return;
      mood.faults = false;
      mood.byHand = true;
      await outside.answerByHand(waitId);
    }

    async function scan() {
      const trackingNumber = (await steps.getOrder(orderId))?.label?.trackingNumber;
      if (trackingNumber) told.scans.push(await outside.scan(trackingNumber, `${orderId}-${Math.floor(random() * 3)}`));
    }

    async function others() {
      if (mood.picks && chance(0.4)) await outside.press(`${orderId}#AwaitPicking`, 'picked');
      if (mood.cancels && chance(0.05)) told.cancellations.push(await outside.cancel(orderId));
      if (chance(mood.scans ? 0.25 : 0.01)) await scan();
      for (const waitId of waitIds) {
        if (!waitId.includes('Operator') || chance(0.5)) continue;
        await (chance(0.7) ? outside.press(waitId, 'try-again') : undoByHand(waitId));
      }
      if (late.length > 0 && chance(0.3)) await late.splice(Math.floor(random() * late.length), 1)[0]!();
      if (mood.faults && chance(0.02)) await steps.loseRecords();
    }

    async function wait(task: OutstandingTask) {
      const { taskId } = task;
      const message = outside.messageOf(task);
      waitIds.add(message.waitId);
      const open = () => outside.open(message);
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
        if (waits && (mood.byHand || chance(0.7))) await outside.deliver(driver, waitIds);
        else if (!waits || chance(0.4)) await outside.letTimePass(driver);
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
