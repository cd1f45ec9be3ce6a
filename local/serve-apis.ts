import type { ApiSite } from './addresses.ts';
import type { ApiSpec } from './aws/http-api/api-spec.ts';
import { type ApiSurroundings, serveApi } from './aws/http-api/serve-api.ts';
import type { RequestHandler } from './http-server.ts';
import type { ServiceList } from './service-list.ts';

export interface ServedApis {
  /** The same APIs with other routes. A request that has come in already is answered by the old ones. */
  replace(apis: readonly ApiSpec[]): void;
}

export interface ServeApisOptions extends Omit<ApiSurroundings, 'log'> {
  sites: readonly ApiSite[];
  /** A neighbour that sometimes misbehaves. */
  around(handler: RequestHandler): RequestHandler;
  warn(message: string): void;
}

/** Answers the requests for the HTTP APIs, each on its port. */
export function serveApis(apis: readonly ApiSpec[], options: ServeApisOptions, services: ServiceList): ServedApis {
  const { sites, around, warn, ...surroundings } = options;
  const log = ({ api, requestId, message }: { api: string; requestId: string; message: string }) =>
    warn(`${api} ${requestId}: ${message}`);
  let handlers = handlersOf(apis);

  function handlersOf(specs: readonly ApiSpec[]): Map<string, RequestHandler> {
    return new Map(specs.map((api) => [api.logicalId, around(serveApi(api, { ...surroundings, log }))]));
  }

  for (const { logicalId, server } of sites) {
    server.serve((request, response) => handlers.get(logicalId)!(request, response));
    services.add(`API ${logicalId}`, server, (one) => one.stop());
  }
  return {
    replace(specs) {
      handlers = handlersOf(specs);
    },
  };
}
