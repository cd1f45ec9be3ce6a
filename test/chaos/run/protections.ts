/**
 * What holds "exactly once" up, each piece with the edit that takes it away, and the faults under which that must be noticed. The texts of the
 * edits are exact: when one no longer fits, the protection has moved, and its edit has to move with it.
 */

export interface Edit {
  file: string;
  /** Stands exactly once in the file. */
  find: string;
  replace: string;
}

export interface Protection {
  name: string;
  /** What is left without it, in a sentence. */
  without: string;
  edits: readonly [Edit, ...Edit[]];
  plan: keyof typeof plans;
  /**
   * How it is noticed: the books do not add up, or, where something behind it holds all the same, more of what is counted than with it:
   * `mails twice`, or the calls that a rule of the plan has seen.
   */
  noticedBy: 'the books' | `more: ${string}`;
}

export interface Plan {
  orders: number;
  seed: number;
  /** Nobody lets a deadline pass: whatever waits for one then waits because of a fault. */
  prompt: boolean;
  rules: readonly Record<string, unknown>[];
}

/** A rule that never hits counts the calls that it matches. */
const count = (name: string, at: string, where: Record<string, string>) => ({
  name,
  at,
  where,
  fault: 'slow',
  probability: 0,
});

const atGateway = { function: 'ChargePayment', table: 'Sandbox', operation: 'PutItem' };
const atCarrier = { function: 'CreateShippingLabel', table: 'Sandbox', operation: 'PutItem' };
const atShelves = { function: 'ReserveInventory', operation: 'TransactWriteItems' };

export const plans = {
  'nothing is broken': { orders: 60, seed: 3, prompt: true, rules: [] },
  'answers are lost': {
    orders: 40,
    seed: 3,
    prompt: true,
    rules: [
      { at: 'http-api', where: { operation: 'POST /orders' }, fault: 'drop-after', probability: 0.2 },
      { at: 'dynamodb', where: atGateway, fault: 'kill-after', probability: 0.15 },
      { at: 'dynamodb', where: atGateway, fault: 'drop-after', probability: 0.2 },
      { at: 'dynamodb', where: atShelves, fault: 'kill-after', probability: 0.15 },
      { at: 'lambda', where: { function: 'ReserveInventory' }, fault: 'kill-after', probability: 0.1, inARow: 60 },
      count('charges asked for', 'dynamodb', atGateway),
    ],
  },
  // Orders by the beginning of their ids. Customers 4 and 17, whose reservations come late, are not refunded before that, so that the order is as
  // it was when the reservation was asked for: it is not what refuses it then.
  'requests come late': {
    orders: 24,
    seed: 3,
    prompt: true,
    rules: [
      { at: 'dynamodb', where: { ...atGateway, call: '/ord_[0-3]/' }, fault: 'late', delay: '4m' },
      { at: 'dynamodb', where: { ...atShelves, call: '/ord_7/' }, fault: 'late', delay: '4m' },
      { at: 'dynamodb', where: { ...atCarrier, call: '/ord_[ab]/' }, fault: 'late', delay: '4m' },
      {
        at: 'lambda',
        where: { function: 'RefundPayment', call: '/Customer (4|17)"/' },
        fault: 'throttle',
        times: 26,
      },
    ],
  },
  'calls overlap': {
    orders: 24,
    seed: 3,
    prompt: true,
    rules: [
      { at: 'lambda', where: { function: 'SendConfirmationEmail' }, fault: 'run-on', probability: 0.4 },
      { at: 'ses', where: { function: 'SendConfirmationEmail' }, fault: 'slow', delay: '1500ms' },
    ],
  },
  'answers are not taken': {
    orders: 24,
    seed: 3,
    prompt: true,
    rules: [
      {
        at: 'step-functions',
        where: { function: 'DeliverAnswer', operation: 'SendTaskSuccess' },
        fault: 'throttle',
        probability: 0.25,
        inARow: 3,
      },
      count('deliveries mended by the detector', 'dynamodb', {
        function: 'FindStuck',
        table: 'Waits',
        operation: 'UpdateItem',
      }),
      // Two for an order; more of them when a deadline passes.
      count('waits entered', 'sqs', { function: 'states.amazonaws.com' }),
    ],
  },
  // Sixty receives until a message is a dead letter take long enough for one order.
  'waits cannot be opened': {
    orders: 8,
    seed: 3,
    prompt: true,
    rules: [
      {
        at: 'dynamodb',
        where: { function: 'OpenWait', table: 'Waits', operation: 'UpdateItem', call: '/ord_3\\w*#AwaitPicking/' },
        fault: 'drop-before',
      },
    ],
  },
} satisfies Record<string, Plan>;

const noAnswerYet = "ConditionExpression: 'attribute_not_exists(#answer)',";
const keepReservation: Edit = {
  file: 'lambdas/adapters/shelf.ts',
  find: `lines: taken, at },
      ConditionExpression: 'attribute_not_exists(sku)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',`,
  replace: 'lines: taken, at },',
};
const deliverOnce: Edit = {
  file: 'lambdas/waits/deliver-answer.ts',
  find: "logger.warn('answer not delivered yet', { waitId, reason: (error as Error).message });\n    throw error;",
  replace: "logger.warn('answer not delivered yet', { waitId, reason: (error as Error).message });",
};

export const protections: readonly Protection[] = [
  {
    name: 'start-idempotency',
    without: 'every request is an order of its own',
    edits: [
      {
        file: 'lambdas/api/place-order.ts',
        find: 'const orderId = orderIdOf(placedBy, idempotencyKeyOf(event));',
        replace: 'const orderId = orderIdOf(placedBy, idempotencyKeyOf(event) + Math.random());',
      },
    ],
    plan: 'answers are lost',
    noticedBy: 'the books',
  },
  {
    name: 'step-record',
    without: 'a step runs again, also while it runs',
    edits: [
      {
        file: 'lambdas/middleware/once.ts',
        find: 'const output = (await idempotent(input)) as Output;',
        replace: 'const output = idempotent ? await run(input) : (undefined as never);',
      },
    ],
    plan: 'calls overlap',
    noticedBy: 'more: mails twice',
  },
  {
    name: 'provider-key',
    without: 'the gateway takes every request for another charge',
    edits: [
      {
        file: 'lambdas/adapters/sandbox-payment-gateway.ts',
        find: 'const entry = await putOnce<ChargeEntry>({ key: entryKey(key), ...result, orderId, at: new Date().toISOString() });',
        replace: `const made = { key: entryKey(key), ...result, orderId, at: new Date().toISOString() };
    let entry = await putOnce<ChargeEntry>(made);
    if (entry !== made && entry.status === 'charged')
      entry = await putOnce<ChargeEntry>({ ...made, key: made.key + '#' + Math.random() });`,
      },
    ],
    plan: 'answers are lost',
    noticedBy: 'the books',
  },
  {
    name: 'lookup-before-charge',
    without: 'the gateway is asked for the charge once more, and its key alone holds',
    edits: [
      {
        file: 'lambdas/steps/charge-payment.ts',
        find: 'const known = isNew ? undefined : await gateway.lookup(key);',
        replace: 'const known = undefined;',
      },
    ],
    plan: 'answers are lost',
    noticedBy: 'more: charges asked for',
  },
  {
    name: 'stock-condition',
    without: 'more is sold than there is',
    edits: [
      {
        file: 'lambdas/adapters/shelf.ts',
        find: "ConditionExpression: 'available >= :quantity',",
        replace: "ConditionExpression: 'attribute_exists(available)',",
      },
    ],
    plan: 'nothing is broken',
    noticedBy: 'the books',
  },
  {
    name: 'reservation-fence',
    without: 'a reservation that comes after its release takes stock',
    edits: [keepReservation],
    plan: 'requests come late',
    noticedBy: 'the books',
  },
  {
    name: 'reserve-once',
    without: 'a reservation that is made again takes stock again',
    edits: [
      keepReservation,
      {
        file: 'lambdas/adapters/inventory-table.ts',
        find: "return order.stock ? undefined : { type: 'StockReserved', at };",
        replace: "return { type: 'StockReserved', at };",
      },
    ],
    plan: 'answers are lost',
    noticedBy: 'the books',
  },
  {
    name: 'undo-before-do',
    without: 'a step whose answers were all lost is not undone',
    edits: [
      {
        file: 'statemachines/order-fulfillment.asl.json',
        find: `"undo": ["ReleaseInventory", "RefundPayment"],
            "outcome": { "status": "rejected", "reason": "{% $states.errorOutput.Error & '' %}" }
          },
          "Output": { "orderId": "{% $states.input.orderId %}" },
          "Next": "BeginUndo"
        },
        {
          "ErrorEquals": ["States.ALL"],
          "Assign": {
            "undo": ["VoidShippingLabel", "ReleaseInventory", "RefundPayment"],`,
        replace: `"undo": ["ReleaseInventory", "RefundPayment"],
            "outcome": { "status": "rejected", "reason": "{% $states.errorOutput.Error & '' %}" }
          },
          "Output": { "orderId": "{% $states.input.orderId %}" },
          "Next": "BeginUndo"
        },
        {
          "ErrorEquals": ["States.ALL"],
          "Assign": {
            "undo": ["VoidShippingLabel", "RefundPayment"],`,
      },
      // Or the linter would refuse to have it deployed.
      {
        file: 'statemachines/rules/undo-lists.ts',
        find: 'if (allowed.some((list) => isSame(undo, list))) continue;',
        replace: 'if (allowed) continue;',
      },
    ],
    plan: 'answers are lost',
    noticedBy: 'the books',
  },
  {
    name: 'charge-fence',
    without: 'a charge that comes after its refund is made',
    edits: [
      {
        file: 'lambdas/adapters/sandbox-payment-gateway.ts',
        find: "const entry = await putOnce<ChargeEntry>({ key: entryKey(key), status: 'withdrawn', at });",
        replace: `const found = await readEntry<ChargeEntry>(entryKey(key));
    const entry: Entry<ChargeEntry> = found ?? { key: entryKey(key), status: 'withdrawn', at };`,
      },
    ],
    plan: 'requests come late',
    noticedBy: 'the books',
  },
  {
    name: 'label-fence',
    without: 'a label that is bought after it was voided is bought',
    edits: [
      {
        file: 'lambdas/adapters/sandbox-carrier.ts',
        find: "const entry = await putOnce<LabelEntry>({ key: entryKey(key), status: 'withdrawn', at });",
        replace: `const found = await readEntry<LabelEntry>(entryKey(key));
    const entry: Entry<LabelEntry> = found ?? { key: entryKey(key), status: 'withdrawn', at };`,
      },
    ],
    plan: 'requests come late',
    noticedBy: 'the books',
  },
  {
    name: 'first-answer-wins',
    without: 'the last answer counts, whatever was made of the first',
    edits: [
      {
        file: 'lambdas/adapters/wait-table.ts',
        find: noAnswerYet,
        replace: "ConditionExpression: '(attribute_exists(waitId) OR attribute_not_exists(waitId))',",
      },
    ],
    plan: 'nothing is broken',
    noticedBy: 'the books',
  },
  {
    name: 'delivery-retry',
    without: 'an answer that was not taken waits for the detector, an hour',
    edits: [deliverOnce],
    plan: 'answers are not taken',
    noticedBy: 'more: deliveries mended by the detector',
  },
  {
    name: 'delivery-retry-and-detector',
    without: 'an answer that was not taken waits for the deadline, a day or more',
    edits: [
      deliverOnce,
      {
        file: 'lambdas/waits/find-stuck.ts',
        find: 'for (const { waitId } of undelivered) await tellAgain(waitId, now);',
        replace: 'void tellAgain;',
      },
    ],
    plan: 'answers are not taken',
    noticedBy: 'more: waits entered',
  },
  {
    name: 'dead-letter-handler',
    without: 'a wait that cannot be opened ends with its last deadline, and its message stays',
    edits: [
      {
        file: 'lib/waits.ts',
        find: `this.failDeadWait.addEventSource(
      new SqsEventSource(waitsQueue.deadLetters, { batchSize: 10, reportBatchItemFailures: true }),
    );`,
        replace: '',
      },
    ],
    plan: 'waits cannot be opened',
    noticedBy: 'the books',
  },
];
