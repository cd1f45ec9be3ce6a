import { describe, expect, test } from 'vitest';
import { createRouter } from '../../../../local/aws/http-api/router.ts';
import { route } from './start-api.ts';

describe('route matching', () => {
  const match = createRouter(
    [
      'GET /pets/dog/1',
      'GET /pets/dog/{id}',
      'GET /pets/{proxy+}',
      'ANY /{proxy+}',
      'POST /pets/{kind}/{id}',
      '$default',
    ].map((key) => route(key)),
  );
  test.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1/paw', 'GET /pets/{proxy+}', { proxy: 'cat/1/paw' }],
    ['POST', '/pets/dog/2', 'POST /pets/{kind}/{id}', { kind: 'dog', id: '2' }],
    ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
    ['DELETE', '/x', 'ANY /{proxy+}', { proxy: 'x' }],
    ['GET', '/', '$default', {}],
    ['GET', '/pets/dog/a%23b%2Fc%20d', 'GET /pets/dog/{id}', { id: 'a#b/c d' }],
    ['PURGE', '/x', '$default', {}],
  ])('%s %s goes to %s', (method, path, routeKey, pathParameters) => {
    expect(match(method, path)).toMatchObject({ route: { routeKey }, pathParameters });
  });

  test('without $default nothing fits an unknown path, another case, a trailing slash or another method', () => {
    const strict = createRouter([route('GET /orders/{id}')]);
    expect(['/orders', '/Orders/1', '/orders/1/', '/orders/1/2', ''].map((path) => strict('GET', path))).toEqual(
      Array(5).fill(undefined),
    );
    expect(strict('POST', '/orders/1')).toBeUndefined();
  });

  test('a method goes before ANY on the same path, whatever the parameter is called', () => {
    const both = createRouter([route('ANY /a/{x}'), route('GET /a/{y}')]);
    expect(both('GET', '/a/1')).toMatchObject({ route: { routeKey: 'GET /a/{y}' }, pathParameters: { y: '1' } });
    expect(both('PUT', '/a/1')).toMatchObject({ route: { routeKey: 'ANY /a/{x}' }, pathParameters: { x: '1' } });
  });
});
