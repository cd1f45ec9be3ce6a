import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { realProviders, synthesizeOrders } from './synthesized.ts';

const warnings = (context: Record<string, unknown> = {}) =>
  Annotations.fromStack(synthesizeOrders(context).stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => String(entry.data));

it('a production stack that charges nobody, ships nothing and mails nobody says so, and what to set', () => {
  expect(warnings()).toEqual([
    expect.stringMatching(
      /^Payments are a sandbox: nobody is charged\. Set paymentGateway to stripe; docs\/go-live\.md /,
    ),
    expect.stringMatching(
      /^The carrier is a sandbox: its labels are none\. Set carrier to easypost, and carrierShipment/,
    ),
    expect.stringMatching(/^Mail goes to a sandbox: nobody is asked or told anything\. Set mailFrom/),
  ]);
  expect(warnings({ paymentGateway: 'stripe' })).toHaveLength(2);
});

it('one that deals with real providers, and one for trying things out, say nothing', () => {
  expect(warnings(realProviders)).toEqual([]);
  expect(warnings({ stage: 'dev' })).toEqual([]);
});
