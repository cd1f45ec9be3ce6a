import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '../../lib/order-api.ts';
import { type Synthesized, synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const authorization = (synthesized: Synthesized) =>
  Object.fromEntries(
    synthesized
      .ofType('AWS::ApiGatewayV2::Route')
      .map(({ properties }) => [properties.RouteKey, properties.AuthorizationType]),
  );

describe('the API', () => {
  it('asks everyone for an IAM signature, but for what is signed itself or holds no data', () => {
    expect(authorization(orders)).toEqual({
      'POST /orders': 'AWS_IAM',
      'GET /orders': 'AWS_IAM',
      'GET /orders/{orderId}': 'AWS_IAM',
      'GET /orders/{orderId}/events': 'AWS_IAM',
      'POST /orders/{orderId}/cancellation': 'AWS_IAM',
      'GET /waits': 'AWS_IAM',
      'GET /waits/{waitId}': 'NONE',
      'HEAD /waits/{waitId}': 'NONE',
      'POST /waits/{waitId}': 'NONE',
      'POST /waits/{waitId}/links': 'AWS_IAM',
      'GET /inbox': 'NONE',
      'HEAD /inbox': 'NONE',
      'POST /inbox/answers': 'NONE',
      'POST /inbox/claims': 'NONE',
      'POST /inbox-links': 'AWS_IAM',
      'GET /inbox.js': 'NONE',
      'POST /carrier-events': 'NONE',
      'GET /openapi.json': 'NONE',
      'GET /stuck': 'AWS_IAM',
    });
  });

  it('takes the tokens of a JWT issuer instead when cdk.json names one', () => {
    const withJwt = synthesizeOrders({ jwtIssuer: 'https://id.shop.test', jwtAudience: 'web,app' });
    const types = Object.values(authorization(withJwt));
    expect(types.filter((type) => type === 'JWT')).toHaveLength(9);
    expect(types).not.toContain('AWS_IAM');
    expect(withJwt.one('AWS::ApiGatewayV2::Authorizer').properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://id.shop.test', Audience: ['web', 'app'] },
    });
  });

  it('asks a token for the scope of staff on every route that is not for customers', () => {
    const withJwt = synthesizeOrders({
      jwtIssuer: 'https://id.shop.test',
      jwtAudience: 'web',
      jwtStaffScope: 'shop/staff',
    });
    const byScopes = Object.groupBy(
      withJwt.ofType('AWS::ApiGatewayV2::Route').filter(({ properties }) => properties.AuthorizationType === 'JWT'),
      ({ properties }) => String(properties.AuthorizationScopes ?? 'none'),
    );
    const keys = (found: typeof byScopes.none = []) => found.map(({ properties }) => properties.RouteKey).sort();
    expect(keys(byScopes.none)).toEqual([
      'GET /orders/{orderId}',
      'GET /orders/{orderId}/events',
      'POST /orders',
      'POST /orders/{orderId}/cancellation',
    ]);
    expect(keys(byScopes['shop/staff'])).toEqual([
      'GET /orders',
      'GET /stuck',
      'GET /waits',
      'POST /inbox-links',
      'POST /waits/{waitId}/links',
    ]);
  });

  it('tells the routes of customers which tokens are staff, who may see what others have placed', () => {
    const withJwt = synthesizeOrders({
      jwtIssuer: 'https://id.shop.test',
      jwtAudience: 'web',
      jwtStaffScope: 'shop/staff',
    });
    for (const name of ['PlaceOrder', 'GetOrder', 'ListOrderEvents', 'CancelOrder']) {
      expect(withJwt.function(`Api/${name}`).environment.JWT_STAFF_SCOPE).toBe('shop/staff');
      expect(orders.function(`Api/${name}`).environment).not.toHaveProperty('JWT_STAFF_SCOPE');
    }
  });

  it('is throttled, measured per route, and logs no query string (callback links are signed there)', () => {
    const { DefaultRouteSettings, AccessLogSettings } = orders.one('AWS::ApiGatewayV2::Stage').properties;
    expect(DefaultRouteSettings).toEqual({
      DetailedMetricsEnabled: true,
      ThrottlingBurstLimit: 400,
      ThrottlingRateLimit: 200,
    });
    expect(AccessLogSettings.Format).toContain('$context.routeKey');
    expect(AccessLogSettings.Format).not.toMatch(/querystring|httpMethod \$context.path\?/i);
  });

  it('lets API Gateway invoke each Lambda for its own route only', () => {
    const permissions = orders.ofType('AWS::Lambda::Permission').filter(({ path }) => path.startsWith('Api/'));
    expect(permissions).toHaveLength(orders.ofType('AWS::ApiGatewayV2::Route').length);
    for (const { properties } of permissions) {
      expect(properties.Principal).toBe('apigateway.amazonaws.com');
      expect(orders.text(properties.SourceArn)).toMatch(
        /\/\*\/\*\/(orders|waits|stuck|inbox|carrier-events|openapi\.json)/,
      );
    }
  });

  it('has a file for each route', () => {
    const files = readdirSync(new URL('../../lambdas/api', import.meta.url));
    for (const name of Object.keys(routes)) expect(files).toContain(`${name}.ts`);
  });
});
