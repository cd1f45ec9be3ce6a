import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { synthesizeOrders } from './synthesized.ts';

const outputs = (context: Record<string, unknown> = {}) => {
  const orders = synthesizeOrders(context);
  return Object.fromEntries(
    Object.entries<{ Value: object }>(orders.template.Outputs).map(([name, { Value }]) => [name, orders.text(Value)]),
  );
};

describe('the stack', () => {
  it('says where the API is and what to start', () => {
    expect(outputs()).toMatchObject({
      ApiUrl: 'Api/Http.ApiEndpoint',
      StateMachineArn: 'OrderFulfillment/Live.Arn',
      ResumeStateMachineArn: 'OrderFulfillment/ResumeLive.Arn',
      OrdersTableName: 'Storage/Orders',
    });
  });

  it('gives a line that places an order which is in the repository, signed with the credentials of the shell', () => {
    const line = outputs().PlaceOrderExample!;
    expect(line).toMatch(/^curl -i --aws-sigv4 aws:amz:AWS::Region:execute-api --user "\$AWS_ACCESS_KEY_ID:/);
    expect(line).toMatch(/ Api\/Http\.ApiEndpoint\/orders$/);
    const order = /@(\S+)/.exec(line)![1]!;
    expect(existsSync(new URL(`../../${order}`, import.meta.url))).toBe(true);
  });

  it('has the line carry a token where callers have a JWT', () => {
    const line = outputs({ jwtIssuer: 'https://id.shop.test', jwtAudience: 'web' }).PlaceOrderExample!;
    expect(line).toContain('-H "authorization: Bearer $TOKEN"');
    expect(line).not.toContain('sigv4');
  });

  it('leaves nothing behind whose name would be in the way of the next deployment', () => {
    const retained = synthesizeOrders().resources.filter(({ deletionPolicy }) => deletionPolicy === 'Retain');
    const named = retained.filter(({ properties }) =>
      ['Name', 'TableName', 'LogGroupName', 'QueueName'].some((name) => properties[name] !== undefined),
    );
    expect(retained.length).toBeGreaterThan(0);
    expect(named.map(({ path }) => path)).toEqual([]);
  });

  it('is not deleted by one command in production, and is in development', () => {
    expect(synthesizeOrders().stack.terminationProtection).toBe(true);
    expect(synthesizeOrders({ stage: 'dev' }).stack.terminationProtection).toBe(false);
  });
});
