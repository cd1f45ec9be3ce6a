import { expect, test } from 'vitest';
import { reportLines } from '../../../local/deploy/report-lines.ts';

const nothing = { added: [], removed: [], changed: [] };
const version = { ...nothing, newCode: [], newConfiguration: [], otherwise: false };

test('each version has a line with what is new in it, and so have functions and routes', () => {
  expect(
    reportLines({
      stackName: 'waybill-prod',
      published: [
        {
          ...version,
          stateMachine: 'waybill-prod-order-fulfillment',
          version: 4,
          newCode: ['ChargePayment'],
          newConfiguration: ['CloseOrder'],
          changed: ['AwaitPicking'],
          added: ['Wrap', 'Unwrap'],
          removed: ['Old'],
          otherwise: true,
        },
        { ...version, stateMachine: 'elsewhere', version: 2 },
      ],
      aliases: [
        {
          alias: 'waybill-prod-order-fulfillment:live',
          routing: [
            { version: 3, weight: 90 },
            { version: 4, weight: 10 },
          ],
        },
        { alias: 'elsewhere:live', routing: [{ version: 2, weight: 100 }] },
      ],
      functions: { ...nothing, changed: ['ApiPlaceOrder0A1B2C3D', 'Plain'], removed: ['Gone'] },
      routes: { ...nothing, added: ['GET /hello'] },
    }),
  ).toEqual([
    'order-fulfillment version 4: steps with new code ChargePayment; steps with another configuration CloseOrder; states changed AwaitPicking; states added Wrap, Unwrap; states removed Old; changed outside of its states',
    'elsewhere version 2: nothing but its role',
    'order-fulfillment:live -> version 3 (90 %), version 4 (10 %)',
    'elsewhere:live -> version 2',
    'Functions: changed ApiPlaceOrder, Plain; gone Gone',
    'Routes: new GET /hello',
  ]);
});

test('nothing is said to be nothing', () => {
  expect(reportLines({ stackName: 'a', published: [], aliases: [], functions: nothing, routes: nothing })).toEqual([
    'Nothing changed.',
  ]);
});
