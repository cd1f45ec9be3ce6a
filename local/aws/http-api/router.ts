import FindMyWay, { type HTTPMethod } from 'find-my-way';
import type { RouteSpec } from './api-spec.ts';

export interface RouteMatch {
  route: RouteSpec;
  /** Decoded, as the function gets them. */
  pathParameters: Record<string, string>;
}

const METHODS: HTTPMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/**
 * Finds the route of a request: the most specific path first (a literal before `{parameter}` before `{greedy+}`), the method before
 * `ANY`, and `$default` when nothing else fits.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter(routes: RouteSpec[]): (method: string, path: string) => RouteMatch | undefined {
  // find-my-way answers 414 by itself above 100 characters of a parameter; the limit here is that of the whole URI.
  const router = FindMyWay({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 10_240 });
  const parameterNames = new Map<RouteSpec, string[]>();
  const taken = new Map<string, Set<string>>();
  const add = (method: HTTPMethod, shape: string, route: RouteSpec) => router.on(method, shape, () => {}, route);

  let fallback: RouteSpec | undefined;
  const forAnyMethod: [string, RouteSpec][] = [];
  for (const route of routes) {
    if (route.routeKey === '$default') {
      fallback = route;
      continue;
    }
    const [method = '', path = ''] = route.routeKey.split(' ');
    const { shape, names } = shapeOf(path);
    parameterNames.set(route, names);
    if (method === 'ANY') {
      forAnyMethod.push([shape, route]);
      continue;
    }
    add(method as HTTPMethod, shape, route);
    taken.set(shape, (taken.get(shape) ?? new Set()).add(method));
  }
  for (const [shape, route] of forAnyMethod) {
    for (const method of METHODS) if (!taken.get(shape)?.has(method)) add(method, shape, route);
  }

  return (method, path) => {
    const found = router.find(method as HTTPMethod, path);
    const route = found?.store as RouteSpec | undefined;
    const values = Object.values(found?.params ?? {}).map(String);
    // A greedy parameter stands for at least one segment; find-my-way lets it be empty.
    if (!route || values.at(-1) === '') return fallback && { route: fallback, pathParameters: {} };
    const names = parameterNames.get(route) ?? [];
    return { route, pathParameters: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
  };
}

/** `/orders/{orderId}/{proxy+}` as find-my-way writes it, without the names: two routes may name the same place differently. */
function shapeOf(path: string): { shape: string; names: string[] } {
  const names: string[] = [];
  const shape = path.replaceAll(':', '::').replace(/\{([^}+]+)(\+?)\}/g, (_whole, name: string, greedy: string) => {
    names.push(name);
    return greedy ? '*' : `:p${names.length}`;
  });
  return { shape, names };
}
