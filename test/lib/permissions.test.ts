import { describe, expect, it } from 'vitest';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import type { Steps } from '../../statemachines/step-row.ts';
import { realProviders, type SynthesizedFunction, synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const writing = /^dynamodb:(Put|Update|Delete|BatchWrite)/;

const actionsOn = (fn: SynthesizedFunction, resource: string) =>
  fn.statements.filter(({ resources }) => resources.includes(resource)).flatMap(({ actions }) => actions);
/** Its statements about objects: actions, resources. */
const onObjects = ({ statements }: SynthesizedFunction) =>
  statements
    .filter(({ actions }) => actions.some((action) => action.startsWith('s3:')))
    .map(({ actions, resources }) => [actions, resources]);
const allActions = (fn: SynthesizedFunction) => fn.statements.flatMap(({ actions }) => actions);

describe('what a Lambda may do', () => {
  it.each(orders.functions())('$name: named actions on named resources, but for traces', ({ statements }) => {
    for (const { actions, resources } of statements) {
      expect(actions.filter((action) => action.includes('*') && !stream.includes(action))).toEqual([]);
      if (resources.includes('*')) expect(actions.filter((action) => !knowsNoResource.includes(action))).toEqual([]);
    }
  });

  it.each(Object.entries<Steps[string]>(steps))(
    '%s has the rights of its row, and its idempotency record',
    (name, { grants }) => {
      const fn = orders.function(`OrderFulfillment/${name}`);
      for (const [table, id] of Object.entries(tableIds)) {
        const expected = new Set<string>(grants.tables?.[table] ?? []);
        if (table === 'idempotency') for (const action of idempotencyActions) expected.add(action);
        expect(new Set(actionsOn(fn, `Storage/${id}.Arn`))).toEqual(
          new Set([...expected].map((each) => `dynamodb:${each}`)),
        );
      }
      expect(onObjects(fn)).toEqual(
        Object.entries(grants.buckets?.orderLines ?? {}).map(([folder, actions]) => [
          actions.map((each) => `s3:${each}`),
          [`Storage/OrderLines.Arn/${folder}/*`],
        ]),
      );
      expect(allActions(fn).filter((action) => action.startsWith('states:'))).toEqual([]);
    },
  );

  it.each([
    'GetOrder',
    'ListOrders',
    'ListOrderEvents',
    'ListWaits',
    'ShowWait',
    'Inbox',
    'InboxLink',
    'InboxScript',
    'Openapi',
  ])('%s cannot write', (name) => {
    expect(allActions(orders.function(`Api/${name}`)).filter((action) => writing.test(action))).toEqual([]);
  });

  it('the lines of big orders: PlaceOrder puts, the first step takes over, others read; nobody lists or deletes', () => {
    const rights = orders
      .functions()
      .flatMap((fn) => onObjects(fn).map(([actions, resources]) => [fn.name, ...actions!, ...resources!]));
    expect(rights.sort()).toEqual([
      ['Api/GetOrder', 's3:GetObject', 'Storage/OrderLines.Arn/orders/*'],
      ['Api/Inbox', 's3:GetObject', 'Storage/OrderLines.Arn/orders/*'],
      ['Api/PlaceOrder', 's3:PutObject', 'Storage/OrderLines.Arn/placed/*'],
      ['Api/ShowWait', 's3:GetObject', 'Storage/OrderLines.Arn/orders/*'],
      ['OrderFulfillment/ChargePayment', 's3:GetObject', 'Storage/OrderLines.Arn/placed/*'],
      ['OrderFulfillment/ChargePayment', 's3:PutObject', 'Storage/OrderLines.Arn/orders/*'],
      ['OrderFulfillment/ReserveInventory', 's3:GetObject', 'Storage/OrderLines.Arn/orders/*'],
    ]);
    const named = orders.functions().filter(({ environment }) => 'ORDER_LINES_BUCKET' in environment);
    expect(new Set(named.map(({ name }) => name))).toEqual(new Set(rights.map(([name]) => name)));
  });

  it('only PlaceOrder starts executions, through the alias live', () => {
    const starting = orders.functions().filter((fn) => allActions(fn).includes('states:StartExecution'));
    expect(starting.map(({ name }) => name)).toEqual(['Api/PlaceOrder']);
    const statement = starting[0]!.statements.find(({ actions }) => actions.includes('states:StartExecution'))!;
    expect(statement.resources).toEqual(['OrderFulfillment/StateMachine']);
    expect(statement.condition).toEqual({ 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } });
  });

  it('only what makes or checks a link reads the callback keys, and only the webhook reads the key of the carrier', () => {
    const readers = (secret: string) =>
      orders
        .functions()
        .filter((fn) => actionsOn(fn, secret).includes('secretsmanager:GetSecretValue'))
        .map(({ name }) => name);
    expect(readers('CallbackKeys')).toEqual([
      'CallbackKeys/Rotate',
      'Api/ListWaits',
      'Api/ShowWait',
      'Api/AnswerWait',
      'Api/ResendLink',
      'Api/Inbox',
      'Api/InboxAnswer',
      'Api/InboxClaim',
      'Api/InboxLink',
      'Waits/RemindWait',
      'Waits/OpenWait',
    ]);
    expect(readers('CarrierWebhook')).toEqual(['Api/CarrierEvent']);
  });

  describe.each([
    ['with sandboxes', orders, 'Sandbox'],
    // Also the books of the sandboxes: an order that was begun with them is undone there, by a version from before.
    ['with real providers', synthesizeOrders(realProviders), 'Sandbox'],
    ['with real providers', synthesizeOrders(realProviders), 'Providers'],
  ])('%s', (_, stack, table) => {
    const having = (action: string) =>
      stack
        .functions()
        .filter((fn) => actionsOn(fn, `Storage/${table}.Arn`).includes(action))
        .map(({ name }) => name)
        .sort();
    const mailing = ['CompleteOrder', 'SendCancellationEmail', 'SendConfirmationEmail'];
    const writing = [
      ...['ChargePayment', 'CreateShippingLabel', 'RefundPayment', 'VoidShippingLabel', ...mailing].map(
        (step) => `OrderFulfillment/${step}`,
      ),
      ...['Api/ResendLink', 'Waits/OpenWait', 'Waits/RemindWait'],
    ].sort();

    it(`who charges, buys labels and mails keeps books of it in ${table}; an undo may look whether there is a label`, () => {
      const undos = ['OrderFulfillment/RecordOperatorAnswer', 'OrderFulfillment/ReleaseInventory'];
      expect(having('dynamodb:PutItem')).toEqual(writing);
      expect(having('dynamodb:GetItem')).toEqual([...writing, ...undos].sort());
      expect(having('dynamodb:UpdateItem').concat(having('dynamodb:DeleteItem'), having('dynamodb:Query'))).toEqual([]);
    });
  });

  it('the key of a provider is read by those who call it, and there is none of a provider that nobody calls', () => {
    const stack = synthesizeOrders(realProviders);
    const readers = (secret: string) =>
      stack
        .functions()
        .filter((fn) => actionsOn(fn, secret).includes('secretsmanager:GetSecretValue'))
        .map(({ name }) => name.replace('OrderFulfillment/', ''));
    expect(readers('ProviderKeys/Stripe')).toEqual(['ChargePayment', 'RefundPayment']);
    expect(readers('ProviderKeys/EasyPost')).toEqual([
      'CreateShippingLabel',
      'VoidShippingLabel',
      'ReleaseInventory',
      'RefundPayment',
      'RecordOperatorAnswer',
    ]);
    expect(readers('CarrierWebhook')).toEqual(['Api/CarrierEvent']);
    const secrets = orders.ofType('AWS::SecretsManager::Secret').map(({ path }) => path.replace('/Resource', ''));
    expect(secrets).toEqual(['CallbackKeys', 'CarrierWebhook']);
  });

  it('mail goes out as the one sender, from the functions that send mail', () => {
    const mailing = synthesizeOrders({
      mailFrom: 'orders@mail.shop.test',
      warehouseEmail: 'w@shop.test',
      supervisorEmail: 's@shop.test',
      operatorEmail: 'o@shop.test',
    });
    for (const fn of mailing.functions()) {
      const statement = fn.statements.find(({ actions }) => actions.includes('ses:SendEmail'));
      expect(Boolean(statement)).toBe('MAIL_FROM' in fn.environment);
      if (!statement) continue;
      expect(statement.condition).toEqual({ StringEquals: { 'ses:FromAddress': 'orders@mail.shop.test' } });
      expect(statement.resources.map((arn) => arn.split('/').at(-1)).sort()).toEqual([
        'mail.shop.test',
        'orders@mail.shop.test',
        'shop.test',
      ]);
    }
    expect(mailing.function('Waits/OpenWait').environment.MAIL_FROM).toBe('orders@mail.shop.test');
  });
});

const tableIds = {
  orders: 'Orders',
  inventory: 'Inventory',
  waits: 'Waits',
  idempotency: 'Idempotency',
};
const idempotencyActions = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
const knowsNoResource = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'dynamodb:ListStreams'];
const stream = ['dynamodb:ListStreams'];
