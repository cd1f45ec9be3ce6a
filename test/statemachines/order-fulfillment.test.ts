import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { waitMessageSchema } from '../../lambdas/domain/wait.ts';
import { waits } from '../../statemachines/order-fulfillment.steps.ts';
import { orderDefinition } from '../support/order-definition.ts';
import { order, type Run, runProcess, type Script } from './process-script.ts';

const { orderId } = order;
const hour = 3600_000;
/** As long as nobody answers: the times of both, one after the other. */
const timeoutMsOf = (...states: (keyof typeof waits)[]) =>
  states.reduce((sum, state) => sum + waits[state].timeoutSeconds * 1000, 0);
const undos = ['VoidShippingLabel', 'ReleaseInventory', 'RefundPayment'];
const undoneBy = (run: Run) => run.path.filter((state) => undos.includes(state));
const messagesOf = (run: Run, state: string) =>
  run.callsOf(state).map((call) => call.MessageBody as Record<string, unknown>);

test('an order that goes well passes the seven states and ends completed', async () => {
  const run = await runProcess();
  expect(run.output).toEqual({ orderId, status: 'completed' });
  expect(run.path).toEqual([
    'ChargePayment',
    'ReserveInventory',
    'CreateShippingLabel',
    'AwaitPicking',
    'SendConfirmationEmail',
    'AwaitCarrierPickup',
    'CompleteOrder',
  ]);
});

test('only the first step sees the order; the others get a reference and at most the answer of a wait', async () => {
  const run = await runProcess();
  expect(run.callsOf('ChargePayment')).toEqual([expect.objectContaining({ Payload: order })]);
  for (const step of ['ReserveInventory', 'CreateShippingLabel']) {
    expect(run.callsOf(step)).toEqual([expect.objectContaining({ Payload: { orderId } })]);
  }
  const answer = { by: 'somebody', at: '2030-01-01T00:00:00.000Z' };
  const payloads = ['SendConfirmationEmail', 'CompleteOrder'].map((step) => run.callsOf(step)[0]!.Payload);
  expect(payloads).toEqual([
    { orderId, picking: { action: 'picked', ...answer } },
    { orderId, pickup: { action: 'picked-up', ...answer } },
  ]);
});

describe('what travels between states stays small, however large the order is and whatever is returned, answered and thrown', () => {
  const much = 'é'.repeat(50_000);
  const lines = Array.from({ length: 3000 }, (_, n) => ({ sku: `sku-${n}-${'x'.repeat(30)}`, quantity: 1 }));
  const input = { ...order, lines };
  const talkative = { result: { orderId, status: 'completed', reason: 'X', lines } };
  const answer = (action: string) => ({ action, detail: { reason: 'because', much } });
  const gaveUp = {
    error: 'TypeError',
    cause: JSON.stringify({ errorMessage: much.slice(0, 10_000), trace: [much] }).slice(0, 32_768),
  };
  const sent = Object.keys(JSON.parse(orderDefinition).States).filter(
    (state) => !/^(Await|Escalate|Expire)/.test(state),
  );
  const script: Script = {
    ...Object.fromEntries(sent.map((state) => [state, talkative])),
    AwaitPicking: answer('picked'),
    AwaitOperator: answer('done-by-hand'),
  };

  test.each<[string, Script]>([
    ['an order that goes well', { AwaitCarrierPickup: answer('picked-up') }],
    ['one that is undone', { AwaitCarrierPickup: { error: 'OrderCancelled' } }],
    [
      'one that is undone by hand',
      { AwaitCarrierPickup: { error: 'OrderCancelled' }, ...Object.fromEntries(undos.map((undo) => [undo, gaveUp])) },
    ],
  ])('%s', async (_title, more) => {
    const run = await runProcess({ ...script, ...more }, undefined, { input });
    expect(run.status).toBe('SUCCEEDED');
    const [, ...entered] = run.driver.events.flatMap(({ stateEnteredEventDetails: details }) =>
      details ? [details] : [],
    );
    const sizes = entered.map(({ name, input }): [string, number] => [String(name), Buffer.byteLength(String(input))]);
    // What an undo says when it gives up is cut there, and here what is told of it; both are bounded.
    const bound = (state: string) => (state === 'NoteStuckUndo' ? 8192 : /Operator/.test(state) ? 2048 : 1024);
    expect(sizes.filter(([state, bytes]) => bytes > bound(state))).toEqual([]);
    expect(String(run.driver.execution.output).length).toBeLessThan(200);
  });
});

test('a wait tells its queue who is asked what, and where the answer goes', async () => {
  const run = await runProcess();
  const [message] = messagesOf(run, 'AwaitPicking');
  expect(message).toEqual({
    waitId: `${orderId}#AwaitPicking`,
    kind: 'picking',
    orderId,
    taskToken: expect.any(String),
    enteredAt: expect.stringMatching(/^2030-01-01T.*Z$/),
    retryCount: 0,
    actions: ['picked'],
    contact: 'warehouse',
    timeoutSeconds: waits.AwaitPicking.timeoutSeconds,
    remindAfterSeconds: waits.AwaitPicking.remindAfterSeconds,
  });
  expect(messagesOf(run, 'AwaitCarrierPickup')[0]).toMatchObject({ kind: 'carrier-pickup', actions: [] });
  expect(messagesOf(run, 'AwaitCarrierPickup')[0]).not.toHaveProperty('contact');
});

describe('an order that cannot be fulfilled is rejected, and what was done is undone in reverse', () => {
  test.each([
    ['ChargePayment', 'PaymentDeclined', ['RefundPayment']],
    ['ReserveInventory', 'OutOfStock', ['ReleaseInventory', 'RefundPayment']],
    ['ReserveInventory', 'UnknownSku', ['ReleaseInventory', 'RefundPayment']],
  ])('%s: %s', async (state, error, expected) => {
    const run = await runProcess({ [state]: { error } });
    expect(run.output).toEqual({ orderId, status: 'rejected', reason: error });
    expect(undoneBy(run)).toEqual(expected);
    expect(run.callsOf(state)).toHaveLength(1);
    expect(run.callsOf('SendCancellationEmail')[0]!.Payload).toEqual({
      orderId,
      outcome: { status: 'rejected', reason: error },
    });
    expect(run.callsOf('CloseOrder')[0]!.Payload).toEqual({
      orderId,
      outcome: { status: 'rejected', reason: error },
      undoneByHand: [],
    });
  });
});

describe('a step that fails for good cancels the order with all undos: it may have acted, and an execution before it may have come further', () => {
  test.each(['ChargePayment', 'ReserveInventory', 'CreateShippingLabel', 'SendConfirmationEmail'])(
    '%s',
    async (state) => {
      const run = await runProcess({ [state]: { error: 'TypeError' } });
      expect(run.output).toEqual({ orderId, status: 'cancelled', reason: 'TypeError' });
      expect(undoneBy(run)).toEqual(undos);
      expect(run.path.slice(-2)).toEqual(['SendCancellationEmail', 'CloseOrder']);
    },
  );

  test('but not one that was picked, because no mail is taken: whoever completes it tells the customer', async () => {
    const run = await runProcess({ SendConfirmationEmail: Array(17).fill({ error: 'MailUnavailable' }) });
    expect(run.output).toEqual({ orderId, status: 'completed' });
    expect(undoneBy(run)).toEqual([]);
    expect(run.path.slice(-2)).toEqual(['AwaitCarrierPickup', 'CompleteOrder']);
  });

  test('also when it is never heard of again', async () => {
    const run = await runProcess({ CreateShippingLabel: 'silent' });
    expect(run.output).toEqual({ orderId, status: 'cancelled', reason: 'States.Timeout' });
    expect(run.callsOf('CreateShippingLabel')).toHaveLength(14);
  });
});

test('the undo of the charge gets the whole order, because it may have to write it down', async () => {
  const run = await runProcess({ ReserveInventory: { error: 'OutOfStock' } });
  expect(run.callsOf('RefundPayment')[0]!.Payload).toEqual(order);
  expect(run.callsOf('ReleaseInventory')[0]!.Payload).toEqual({ orderId });
});

describe('what is transient is tried again', () => {
  test.each(['ServiceUnavailable', 'TableContended', 'Sandbox.Timedout', 'Lambda.TooManyRequestsException'])(
    '%s',
    async (error) => {
      const run = await runProcess({ ReserveInventory: [{ error }, { error }, 'ok'] });
      expect(run.output).toMatchObject({ status: 'completed' });
      expect(run.callsOf('ReserveInventory')).toHaveLength(3);
    },
  );

  test.each(['ChargePayment', 'ReserveInventory', 'CreateShippingLabel', 'SendConfirmationEmail', 'CompleteOrder'])(
    'for minutes, so that a short outage ends no order (%s)',
    async (state) => {
      const down = Array.from({ length: 8 }, () => ({ error: 'ServiceUnavailable' }));
      const run = await runProcess({ [state]: [...down, 'ok'] });
      expect(run.output).toMatchObject({ status: 'completed' });
    },
  );

  test('a step that finds itself running waits for the other longer than a Lambda can live', async () => {
    const inProgress = Array.from({ length: 6 }, () => ({ error: 'StepInProgress' }));
    const run = await runProcess({ ChargePayment: [...inProgress, 'ok'] });
    expect(run.output).toMatchObject({ status: 'completed' });
  });
});

describe('a wait', () => {
  test('that nobody answers is escalated to a supervisor under the same id, and an answer then completes the order', async () => {
    const run = await runProcess({ AwaitPicking: 'silent', AwaitCarrierPickup: 'silent' });
    expect(run.output).toMatchObject({ status: 'completed' });
    for (const wait of ['Picking', 'CarrierPickup']) {
      const [first] = messagesOf(run, `Await${wait}`);
      const [second] = messagesOf(run, `Escalate${wait}`);
      expect(second).toMatchObject({ waitId: first!.waitId, contact: 'supervisor' });
      expect(second!.enteredAt! > first!.enteredAt!).toBe(true);
    }
  });

  test.each([
    ['Picking', timeoutMsOf('AwaitPicking', 'EscalatePicking')],
    ['CarrierPickup', timeoutMsOf('AwaitCarrierPickup', 'EscalateCarrierPickup')],
  ])('for %s that nobody answers at all ends in a cancelled order', async (wait, after) => {
    const run = await runProcess({
      [`Await${wait}`]: 'silent',
      [`Escalate${wait}`]: 'silent',
      [`Expire${wait}`]: { error: 'WaitExpired' },
    });
    expect(run.output).toEqual({ orderId, status: 'cancelled', reason: 'WaitExpired' });
    expect(messagesOf(run, `Expire${wait}`)[0]).toMatchObject({ answerIfNone: { error: 'WaitExpired' } });
    expect(undoneBy(run)).toEqual(undos);
    const took = run.driver.now - Date.parse(String(messagesOf(run, `Await${wait}`)[0]!.enteredAt));
    expect(took).toBeGreaterThanOrEqual(after);
    expect(took).toBeLessThan(after + hour);
  });

  test('reminds whom it asks, and nobody where nobody is asked', async () => {
    const run = await runProcess({
      AwaitPicking: 'silent',
      EscalatePicking: 'silent',
      ExpirePicking: { action: 'picked' },
      AwaitCarrierPickup: { error: 'OrderCancelled' },
      RefundPayment: [{ error: 'TypeError' }, 'ok'],
    });
    for (const state of ['AwaitPicking', 'EscalatePicking', 'ExpirePicking', 'AwaitCarrierPickup', 'AwaitOperator']) {
      const [message] = messagesOf(run, state);
      expect(message!.remindAfterSeconds, state).toEqual(waits[state as keyof typeof waits].remindAfterSeconds);
    }
    // Also where there is only one: a list of one must stay a list.
    expect(messagesOf(run, 'EscalatePicking')[0]!.remindAfterSeconds).toHaveLength(1);
  });

  test('that is answered at the last moment goes on: its end only answers where nobody did', async () => {
    const run = await runProcess({
      AwaitPicking: 'silent',
      EscalatePicking: 'silent',
      ExpirePicking: { action: 'picked' },
    });
    expect(run.output).toMatchObject({ status: 'completed' });
  });

  test.each(['AwaitPicking', 'EscalatePicking', 'AwaitCarrierPickup'])(
    '%s answered with a cancellation',
    async (state) => {
      const run = await runProcess({
        AwaitPicking: state === 'EscalatePicking' ? 'silent' : 'ok',
        [state]: { error: 'OrderCancelled' },
      });
      expect(run.output).toEqual({ orderId, status: 'cancelled', reason: 'OrderCancelled' });
      expect(undoneBy(run)).toEqual(undos);
      expect(run.callsOf(state)).toHaveLength(1);
    },
  );

  test('whose message could not be sent is sent again, as a newer retry', async () => {
    const run = await runProcess({ AwaitPicking: [{ error: 'SQS.SdkClientException' }, 'ok'] });
    expect(run.output).toMatchObject({ status: 'completed' });
    expect(messagesOf(run, 'AwaitPicking').map(({ retryCount }) => retryCount)).toEqual([0, 1]);
  });

  test('that could not be opened cancels the order', async () => {
    const run = await runProcess({ AwaitPicking: { error: 'WaitNotOpened' } });
    expect(run.output).toMatchObject({ status: 'cancelled', reason: 'WaitNotOpened' });
    expect(run.callsOf('AwaitPicking')).toHaveLength(1);
  });
});

test.each(undos)(
  'when the carrier was faster than the undo, nothing is undone and the order completes (%s)',
  async (undo) => {
    const before = undos.slice(0, undos.indexOf(undo));
    const run = await runProcess({
      AwaitCarrierPickup: { error: 'OrderCancelled' },
      // Those before it gave up before they could close the wait for the carrier.
      ...Object.fromEntries(before.map((name) => [name, { error: 'TypeError' }])),
      [undo]: { error: 'ParcelPickedUp' },
    });
    expect(run.output).toEqual({ orderId, status: 'completed' });
    expect(undoneBy(run)).toEqual([...before, undo]);
    expect(run.callsOf('CompleteOrder')[0]!.Payload).toEqual({ orderId });
    expect(run.path).not.toContain('SendCancellationEmail');
  },
);

describe('an undo that gives up', () => {
  const cancelled = { AwaitCarrierPickup: { error: 'OrderCancelled' } };

  test('is tried for an hour first', async () => {
    const gone = Array.from({ length: 16 }, () => ({ error: 'GatewayUnavailable' }));
    const run = await runProcess({ ...cancelled, RefundPayment: [...gone, 'ok'] });
    expect(run.output).toMatchObject({ status: 'cancelled' });
    expect(run.path).not.toContain('AwaitOperator');
  });

  test('does not keep the others from running, and is tried again when an operator says so', async () => {
    const run = await runProcess({ ...cancelled, ReleaseInventory: [{ error: 'TypeError' }, 'ok'] });
    expect(run.output).toEqual({ orderId, status: 'cancelled', reason: 'OrderCancelled' });
    expect(undoneBy(run)).toEqual([...undos, 'ReleaseInventory']);
    expect(messagesOf(run, 'AwaitOperator')[0]).toMatchObject({
      waitId: expect.stringMatching(new RegExp(`^${orderId}#AwaitOperator-\\d{13}-1$`)),
      kind: 'operator',
      actions: ['try-again', 'done-by-hand'],
      contact: 'operator',
      reasonFor: ['done-by-hand'],
      note: 'ReleaseInventory failed: TypeError: scripted',
    });
    expect(run.callsOf('CloseOrder')[0]!.Payload).toMatchObject({ undoneByHand: [] });
  });

  test('asks anew, under another id, as often as it fails again', async () => {
    const broken = { error: 'TypeError' };
    const run = await runProcess({ ...cancelled, RefundPayment: [broken, broken, broken, 'ok'] });
    expect(run.output).toMatchObject({ status: 'cancelled' });
    const ids = messagesOf(run, 'AwaitOperator').map(({ waitId }) => String(waitId));
    expect(ids.map((id) => id.slice(id.lastIndexOf('-')))).toEqual(['-1', '-2', '-3']);
  });

  test('can be done by hand, which is on record with its reason before the customer is told, and the end of the order knows', async () => {
    const detail = { reason: 'wired from the bank' };
    const run = await runProcess({
      ...cancelled,
      VoidShippingLabel: { error: 'TypeError' },
      RefundPayment: { error: 'TypeError' },
      AwaitOperator: { action: 'done-by-hand', detail },
    });
    expect(run.output).toMatchObject({ status: 'cancelled' });
    expect(undoneBy(run)).toEqual(undos);
    expect(run.path.slice(-5)).toEqual([
      'AwaitOperator',
      'RecordOperatorAnswer',
      'NextUndo',
      'SendCancellationEmail',
      'CloseOrder',
    ]);
    const [recorded] = run.callsOf('RecordOperatorAnswer').map(({ Payload }) => Payload as Record<string, unknown>);
    expect(recorded).toEqual({
      orderId,
      placed: order,
      stuck: run.callsOf('RecordStuckUndos').map(({ Payload }) => (Payload as { stuck: unknown }).stuck)[0],
      answer: { action: 'done-by-hand', by: 'somebody', at: '2030-01-01T00:00:00.000Z', detail },
    });
    expect(run.callsOf('CloseOrder')[0]!.Payload).toMatchObject({
      undoneByHand: ['VoidShippingLabel', 'RefundPayment'],
    });
  });

  test('is on record before an operator is asked, and the operator is asked also when it cannot be', async () => {
    const broken = { error: 'TypeError' };
    const run = await runProcess({ ...cancelled, RefundPayment: [broken, 'ok'], RecordStuckUndos: broken });
    expect(run.output).toMatchObject({ status: 'cancelled' });
    expect(run.callsOf('RecordStuckUndos')[0]!.Payload).toEqual({
      orderId,
      placed: order,
      stuck: [{ undo: 'RefundPayment', ...broken, message: 'scripted', at: expect.stringMatching(/^2030-.*Z$/) }],
    });
    expect(messagesOf(run, 'AwaitOperator')).toHaveLength(1);
  });

  test('is tried again also when it is not on record who said so; what was done by hand needs its record', async () => {
    const script = { ...cancelled, RefundPayment: [{ error: 'TypeError' }, 'ok' as const] };
    const unrecorded = { ...script, RecordOperatorAnswer: { error: 'OrderNotFound' } };
    const tried = await runProcess({ ...unrecorded, AwaitOperator: { action: 'try-again' } });
    expect(tried.output).toMatchObject({ status: 'cancelled' });
    expect(tried.callsOf('RefundPayment')).toHaveLength(2);

    const byHand = await runProcess({ ...unrecorded, AwaitOperator: { action: 'done-by-hand' } });
    expect(byHand.driver.execution).toMatchObject({
      status: 'FAILED',
      cause: `RecordOperatorAnswer of order ${orderId} gave up: OrderNotFound`,
    });
  });

  describe('tells the operator what went wrong', () => {
    /** JSON as a Lambda's runtime writes it. */
    const thrown = (errorMessage: unknown) =>
      JSON.stringify({ errorType: 'TypeError', errorMessage, trace: ['TypeError: x', '    at y (z:1:2)'] });
    const long = 'é'.repeat(199);

    test.each<[string, string | undefined, string]>([
      ['a Lambda that threw', thrown('fetch failed'), 'fetch failed'],
      ['quotes, lines and backslashes', thrown('a "b"\n\tc\\d \u0007/e'), 'a "b" c\\d /e'],
      ['other scripts, escaped', '{"errorMessage": "\\u00e9\\ud83d\\ude00"}', 'é😀'],
      ['nothing said', thrown(''), ''],
      ['no message', thrown(undefined), '{"errorType":"TypeError","trace":["TypeError: x"," at y (z:1:2)"]}'],
      ['a message that is no text', '{"errorMessage":null}', '{"errorMessage":null}'],
      ['plain text', 'The task timed out', 'The task timed out'],
      ['broken JSON', '{"errorMessage":"half', 'half'],
      ['a wrong escape', '{"errorMessage":"a\\x41b"}', 'a'],
      ['no cause at all', undefined, ''],
      ['an empty one', '', ''],
      ['a long message', thrown(`${long}ab`), `${long}a`],
      ['a long one that would be cut within a character', thrown(`${long}😀b`), `${long}😀`],
      ['a long text', `${long}😀b`, `${long}😀`],
      ['the longest', thrown('x'.repeat(32_000)), 'x'.repeat(200)],
    ])('%s', async (_title, cause, message) => {
      const run = await runProcess({ ...cancelled, RefundPayment: [{ error: 'TypeError', cause }, 'ok'] });
      expect(run.status).toBe('SUCCEEDED');
      const { stuck } = run.callsOf('RecordStuckUndos')[0]!.Payload as { stuck: { message: string }[] };
      expect(stuck.map((gaveUp) => gaveUp.message)).toEqual([message]);
      const said = message ? `RefundPayment failed: TypeError: ${message}` : 'RefundPayment failed: TypeError';
      expect(messagesOf(run, 'AwaitOperator')[0]!.note).toBe(said);
    });

    test('whatever the cause is, an operator is asked, in no more words than the message of a wait may have', async () => {
      const pieces = fc.constantFrom('"errorMessage":"', '"', '\\', '\\u00', '{', '}', 'é', '😀', '\ud83d', '\n', '\0');
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.array(pieces).map((parts) => parts.join('')),
      );
      const cause = fc.oneof(text, text.map(thrown), fc.json());
      await fc.assert(
        fc.asyncProperty(cause, fc.string({ minLength: 1, maxLength: 300 }), async (cause, error) => {
          const failing = Object.fromEntries(undos.map((undo) => [undo, { error: `E${error}`, cause }]));
          const run = await runProcess({ ...cancelled, ...failing, AwaitOperator: { action: 'done-by-hand' } });
          expect(run.status).toBe('SUCCEEDED');
          expect(() => waitMessageSchema.parse(messagesOf(run, 'AwaitOperator')[0])).not.toThrow();
        }),
        { numRuns: 50 },
      );
    });
  });

  test('with all of its kind is one task for the operator, and each is tried again in the order of the undos', async () => {
    const broken = { error: 'TypeError' };
    const run = await runProcess({
      ...cancelled,
      VoidShippingLabel: [broken, 'ok'],
      ReleaseInventory: [broken, 'ok'],
      RefundPayment: [broken, broken, 'ok'],
      AwaitOperator: [{ action: 'try-again' }, { action: 'done-by-hand' }],
    });
    expect(run.output).toMatchObject({ status: 'cancelled' });
    expect(undoneBy(run)).toEqual([...undos, ...undos]);
    expect(messagesOf(run, 'AwaitOperator').map(({ note }) => note)).toEqual([
      undos.map((undo) => `${undo} failed: TypeError: scripted`).join('; '),
      'RefundPayment failed: TypeError: scripted',
    ]);
    expect(run.callsOf('CloseOrder')[0]!.Payload).toMatchObject({ undoneByHand: ['RefundPayment'] });
  });
});

describe('an order that is started a second time, under another name or after Step Functions has forgotten the first', () => {
  test('and has ended is left as it is, and its customer is told nothing', async () => {
    const run = await runProcess({ ChargePayment: { error: 'AlreadyEnded' } });
    expect(run.driver.execution).toMatchObject({
      error: 'NeedsAttention',
      cause: `ChargePayment of order ${orderId} gave up: AlreadyEnded`,
    });
    expect(undoneBy(run)).toEqual([]);
    expect(run.path).not.toContain('SendCancellationEmail');
  });

  test('and was half undone is undone to its end', async () => {
    const run = await runProcess({ ChargePayment: { error: 'AlreadyUndone' } });
    expect(run.output).toEqual({ orderId, status: 'cancelled', reason: 'AlreadyUndone' });
    expect(undoneBy(run)).toEqual(undos);
  });

  test('asks its operator anew: an answer to the first execution says nothing about the second', async () => {
    const script = { ChargePayment: { error: 'TypeError' }, RefundPayment: [{ error: 'TypeError' }, 'ok' as const] };
    const idOf = (run: Run) => messagesOf(run, 'AwaitOperator')[0]!.waitId;
    const first = await runProcess(script);
    const second = await runProcess(script, first.driver.now);
    expect(idOf(second)).not.toBe(idOf(first));
  });
});

describe('FAILED means that someone must look', () => {
  test.each(['CompleteOrder', 'SendCancellationEmail', 'CloseOrder'])('%s gives up', async (state) => {
    const rejected = state === 'CompleteOrder' ? {} : { ReserveInventory: { error: 'OutOfStock' } };
    const run = await runProcess({ ...rejected, [state]: { error: 'StillHeld' } });
    expect(run.status).toBe('FAILED');
    expect(run.driver.execution).toMatchObject({
      error: 'NeedsAttention',
      cause: `${state} of order ${orderId} gave up: StillHeld`,
    });
  });

  const noAnswer = {
    AwaitPicking: { error: 'OrderCancelled' },
    RefundPayment: [{ error: 'TypeError' }, 'ok' as const],
    AwaitOperator: 'silent' as const,
  };

  test('an operator who does not answer for a week: the task is closed, and the order waits for a person', async () => {
    const run = await runProcess({ ...noAnswer, ExpireOperator: { error: 'WaitExpired' } });
    expect(run.driver.execution).toMatchObject({
      status: 'FAILED',
      error: 'NeedsAttention',
      cause: `ExpireOperator of order ${orderId} gave up: WaitExpired`,
    });
    const [asked] = messagesOf(run, 'AwaitOperator');
    expect(messagesOf(run, 'ExpireOperator')).toEqual([
      expect.objectContaining({ waitId: asked!.waitId, answerIfNone: { error: 'WaitExpired' } }),
    ]);
  });

  test('but an answer of the last moment still counts', async () => {
    const run = await runProcess({ ...noAnswer, ExpireOperator: { action: 'try-again' } });
    expect(run.output).toMatchObject({ status: 'cancelled' });
    expect(run.callsOf('RefundPayment')).toHaveLength(2);
  });
});
