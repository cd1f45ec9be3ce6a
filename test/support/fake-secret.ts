import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Version {
  text?: string;
  stages: Set<string>;
}
type Input = Record<string, string>;

/**
 * Secrets Manager with one secret and its versions, over the wire, and a power cut at any call: before it was done, or
 * after it was and before anyone is told. The environment of this process is pointed at it.
 */
export async function startFakeSecret() {
  const versions = new Map<string, Version>();
  const calls: string[] = [];
  let cut: { at: number; when: 'before' | 'after' } | undefined;

  const withStage = (stage: string) => [...versions].find(([, { stages }]) => stages.has(stage));
  /** A label is on one version at a time. */
  const label = (id: string, stage: string) => {
    for (const { stages } of versions.values()) stages.delete(stage);
    versions.get(id)!.stages.add(stage);
  };
  const operations: Record<string, (input: Input) => object> = {
    DescribeSecret: () => ({
      RotationEnabled: true,
      VersionIdsToStages: Object.fromEntries([...versions].map(([id, { stages }]) => [id, [...stages]])),
    }),
    GetSecretValue({ VersionId, VersionStage }) {
      const id = VersionId ?? withStage(VersionStage ?? 'AWSCURRENT')?.[0];
      const version = versions.get(id!);
      if (version?.text === undefined) throw new Refusal('ResourceNotFoundException');
      return { VersionId: id, SecretString: version.text, VersionStages: [...version.stages] };
    },
    PutSecretValue(input) {
      const { ClientRequestToken: id, SecretString } = input as { ClientRequestToken: string; SecretString: string };
      const before = versions.get(id);
      if (before?.text !== undefined && before.text !== SecretString) throw new Refusal('ResourceExistsException');
      versions.set(id, { text: SecretString, stages: before?.stages ?? new Set() });
      for (const stage of (input as unknown as { VersionStages: string[] }).VersionStages) label(id, stage);
      return { VersionId: id };
    },
    UpdateSecretVersionStage({ VersionStage, MoveToVersionId, RemoveFromVersionId }) {
      const holder = withStage(VersionStage!)?.[0];
      if (holder !== RemoveFromVersionId) throw new Refusal('InvalidParameterException');
      label(MoveToVersionId!, VersionStage!);
      if (VersionStage === 'AWSCURRENT') label(holder!, 'AWSPREVIOUS');
      return {};
    },
  };

  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1)!;
    const input = (await json(request)) as Input;
    const isCut = cut?.at === calls.push(operation) - 1 ? cut.when : undefined;
    if (isCut === 'before') return request.socket.destroy();
    try {
      const answer = operations[operation]!(input);
      if (isCut === 'after') return request.socket.destroy();
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: error.message, message: 'says the fake' }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '1',
    POWERTOOLS_SERVICE_NAME: 'test',
    POWERTOOLS_METRICS_NAMESPACE: 'Test',
    POWERTOOLS_TRACE_ENABLED: 'false',
  });

  return {
    versions,
    calls,
    /** Anew, with one version. */
    reset(text: string) {
      versions.clear();
      versions.set(randomUUID(), { text, stages: new Set(['AWSCURRENT']) });
      calls.length = 0;
      cut = undefined;
    },
    /** What everybody reads. */
    current: () => withStage('AWSCURRENT')![1].text!,
    /** A rotation begins like this: a version without a value. */
    begin(id: string) {
      versions.set(id, { stages: new Set() });
      label(id, 'AWSPENDING');
    },
    /** Somebody writes a new value by hand. */
    putByHand(value: string) {
      const id = randomUUID();
      versions.set(id, { text: value, stages: new Set() });
      label(id, 'AWSCURRENT');
    },
    /** The power fails at the n-th call from now. */
    cutAt(n: number, when: 'before' | 'after') {
      cut = { at: calls.length + n, when };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class Refusal extends Error {}
