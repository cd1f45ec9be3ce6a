import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resumeDefinition } from '../../../statemachines/resume/resume-definition.ts';
import { orderDefinition } from '../../support/order-definition.ts';
import { broken, cancelled, expired, scripts } from '../order-scripts.ts';
import { type Act, order, runProcess, type Script } from '../process-script.ts';
import { interruptionsOf, restOf, resume } from './interruption.ts';

const resumable = resumeDefinition(orderDefinition);
const states = Object.keys(JSON.parse(orderDefinition).States);

test.each(Object.entries(scripts))(
  'an order that %s ends the same way when it is stopped in any state and resumed there',
  async (_title, script) => {
    const run = await runProcess(script);
    for (const stopped of interruptionsOf(run)) {
      const resumed = await resume(resumable, stopped, script);
      expect(restOf(resumed), `stopped in ${stopped.state}`).toEqual(stopped.rest);
      expect(resumed.path.slice(0, 2)).toEqual(['Resume', stopped.state]);
    }
  },
);

test('these orders pass through every state that there is', async () => {
  const runs = await Promise.all(Object.values(scripts).map((script) => runProcess(script)));
  expect([...new Set(runs.flatMap(({ path }) => path))].sort()).toEqual([...states].sort());
});

test('an order that is stopped anywhere, and again after it went on, ends as it would have ended', async () => {
  const act = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Act>('ok') },
    fc.constantFrom<Act>('silent', broken, { error: 'ServiceUnavailable' }, { error: 'OrderCancelled' }, expired),
    fc.constantFrom<Act>({ error: 'ParcelPickedUp' }, { action: 'done-by-hand' }, { action: 'try-again' }),
  );
  const acts = fc.array(act, { minLength: 1, maxLength: 4 }).map((list): Act[] => [...list, 'ok']);
  const script = fc.record(Object.fromEntries(states.map((state) => [state, acts])));
  await fc.assert(
    fc.asyncProperty(script, fc.nat(), fc.nat(), async (script, first, second) => {
      const pick = <Item>(items: Item[], at: number) => items[at % items.length]!;
      const stopped = pick(interruptionsOf(await runProcess(script)), first);
      const once = await resume(resumable, stopped, script);
      expect(restOf(once)).toEqual(stopped.rest);
      const again = pick(interruptionsOf(once, { before: stopped.callsBefore, first: stopped }), second);
      const twice = await resume(resumable, again, script);
      expect(restOf(twice)).toEqual(again.rest);
    }),
    { numRuns: 60 },
  );
});

test('a list of one undo stays a list, and the order that the last undo is given is the whole one', async () => {
  const script: Script = { ChargePayment: { error: 'PaymentDeclined' } };
  const stopped = interruptionsOf(await runProcess(script)).find(({ state }) => state === 'RefundPayment')!;
  expect(stopped.input.variables.undo).toEqual(['RefundPayment']);
  const resumed = await resume(resumable, stopped, script);
  const [left] = resumed.driver.details('ChoiceStateExited');
  expect(left!.assignedVariables).toMatchObject({ undo: '["RefundPayment"]', stuck: '[]' });
  expect(resumed.callsOf('RefundPayment')[0]!.Payload).toEqual(order);
});

test('an operator is asked ten times in one execution; where the order goes on, ten times more, each under an id of its own', async () => {
  const script: Script = { ...cancelled, RefundPayment: broken };
  const idsOf = (messages: Record<string, unknown>[]) =>
    messages.map(({ MessageBody }) => String((MessageBody as { waitId: unknown }).waitId).replace(/-\d{13}-/, '-'));
  const numbered = (from: number) => Array.from({ length: 10 }, (_, n) => `${order.orderId}#AwaitOperator-${from + n}`);

  const first = await runProcess(script);
  expect(restOf(first)).toMatchObject({
    status: 'FAILED',
    error: 'NeedsAttention',
    cause: `AskOperator of order ${order.orderId} gave up: OperatorAskedTenTimes`,
  });
  expect(idsOf(first.callsOf('AwaitOperator'))).toEqual(numbered(1));

  // Where an order that failed is started again: at the last task before its end.
  const last = interruptionsOf(first).findLast(({ state }) => state === 'RecordStuckUndos')!;
  const second = await resume(resumable, last, script);
  expect(second.status).toBe('FAILED');
  expect(idsOf(second.callsOf('AwaitOperator'))).toEqual(numbered(11));

  const mended = await resume(resumable, last, cancelled);
  expect(mended.output).toMatchObject({ status: 'cancelled' });
  expect(mended.callsOf('RefundPayment')).toHaveLength(1);
});

test('a state that there is not is refused before anything is done', async () => {
  const [stopped] = interruptionsOf(await runProcess());
  const input = { ...stopped!.input, resumeAt: 'AwaitCourier' };
  const resumed = await resume(resumable, { ...stopped!, input }, {});
  expect(restOf(resumed)).toMatchObject({ status: 'FAILED', error: 'NotResumable', calls: [] });
  expect(resumed.driver.execution.cause).toBe('There is no state AwaitCourier to go on at');
});

test('and so is one whose variables are not given', async () => {
  const stopped = interruptionsOf(await runProcess(cancelled)).find(({ state }) => state === 'VoidShippingLabel')!;
  const { undo: _, ...variables } = stopped.input.variables;
  const resumed = await resume(resumable, { ...stopped, input: { ...stopped.input, variables } }, cancelled);
  expect(restOf(resumed)).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError', calls: [] });
});
