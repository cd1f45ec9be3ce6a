import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { expect, it } from 'vitest';
import { realProviders, synthesizeOrders } from './synthesized.ts';

it.each([
  ['as cdk.json has it', {}],
  ['with a JWT issuer', { jwtIssuer: 'https://id.shop.test', jwtAudience: 'web' }],
  ['with Stripe, EasyPost, mail and alarms', { ...realProviders, alarmEmail: 'duty@shop.test' }],
  ['with gradual deployments', { deployment: 'linear' }],
])('cdk-nag AwsSolutions has nothing to say about the stack %s that was not acknowledged', (_, context) => {
  const app = synthesizeOrders(context).stack.node.root as App;
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  expect(violations.map(({ ruleName, violatingResources }) => [ruleName, ...violatingResources])).toEqual([]);
});

it('every acknowledgement says why', () => {
  const acknowledged: [string, string][] = [];
  const visit = (construct: IConstruct): void => {
    for (const { type, data } of construct.node.metadata) {
      if (type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY) acknowledged.push(...Object.entries<string>(data));
    }
    construct.node.children.forEach(visit);
  };
  visit(synthesizeOrders(realProviders).stack);
  expect(acknowledged.length).toBeGreaterThan(0);
  for (const [, reason] of acknowledged) expect(reason).toMatch(/^[A-Z].{30,}\.$/);
});
