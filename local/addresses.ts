import { queueSpecs } from './aws/queues/queue-spec.ts';
import { keptOrFreePort } from './free-port.ts';
import { type HttpServer, openHttpServer } from './http-server.ts';
import type { RuntimeFile } from './runtime-file.ts';
import type { ServiceList } from './service-list.ts';
import type { Assembly } from './template/load-assembly.ts';

/** A port that an HTTP API will be served on. */
export interface ApiSite {
  logicalId: string;
  server: HttpServer;
  url: string;
}

export interface Addresses {
  apis: ApiSite[];
  ports: RuntimeFile['ports'];
  queuesEndpoint: string;
  queueUrl(nameOrArn: string): string;
  /** Old to new, where a port of the last start was not to be had. */
  moved: Map<string, string>;
}

/**
 * Chooses every port, those of the last start if there was one, and tells the assembly the addresses that follow from them, before
 * anything that mentions an address is resolved. Those of the APIs are taken at once: links with them have been mailed, so nothing
 * else will do.
 */
export async function chooseAddresses(
  assembly: Assembly,
  kept: RuntimeFile['ports'] | undefined,
  wantedPort: number | undefined,
  services: ServiceList,
): Promise<Addresses> {
  const apis: ApiSite[] = [];
  for (const { logicalId } of assembly.ofType('AWS::ApiGatewayV2::Api')) {
    const wanted = apis.length === 0 ? wantedPort : undefined;
    const server = await openHttpServer(`the API ${logicalId}`, wanted || (kept?.apis[logicalId] ?? 0));
    services.add(`port of ${logicalId}`, server, (one) => one.stop());
    const url = `http://127.0.0.1:${server.port}`;
    assembly.know(logicalId, 'ApiEndpoint', url);
    apis.push({ logicalId, server, url });
  }
  const [aws, dynamodb, queues] = await Promise.all([
    keptOrFreePort(kept?.aws),
    keptOrFreePort(kept?.dynamodb),
    keptOrFreePort(kept?.queues),
  ]);

  const queuesEndpoint = `http://127.0.0.1:${queues}`;
  const queueUrl = (nameOrArn: string) => `${queuesEndpoint}/${assembly.place.account}/${nameOrArn.split(':').at(-1)}`;
  for (const { logicalId, name } of queueSpecs(assembly)) {
    assembly.know(logicalId, 'Ref', queueUrl(name));
    assembly.know(logicalId, 'QueueUrl', queueUrl(name));
  }
  const ofApis = Object.fromEntries(apis.map(({ logicalId, server }) => [logicalId, server.port]));
  const ports = { aws, dynamodb, queues, apis: ofApis };
  return { apis, ports, queuesEndpoint, queueUrl, moved: movedAddresses(kept, ports) };
}

function movedAddresses(before: RuntimeFile['ports'] | undefined, now: RuntimeFile['ports']): Map<string, string> {
  if (!before) return new Map();
  const pairs = [
    [before.queues, now.queues] as const,
    ...Object.entries(before.apis).map(([logicalId, port]) => [port, now.apis[logicalId] ?? port] as const),
  ];
  const url = (port: number) => `http://127.0.0.1:${port}`;
  return new Map(pairs.filter(([old, port]) => old !== port).map(([old, port]) => [url(old), url(port)]));
}
