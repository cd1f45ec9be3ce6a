import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { routes } from '../../../lib/order-api.ts';
import { stuckRoute } from '../../../lib/stuck-detector.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { request } from '../../support/http-event.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler } = await import('../../../lambdas/api/openapi.ts');
const { openApiDocument } = await import('../../../lambdas/api/openapi/document.ts');
const folder = join(import.meta.dirname, '../../../lambdas/api');
const document = JSON.parse(JSON.stringify(openApiDocument()));

/** As `npm run format` leaves it. */
const formatted = (value: unknown) =>
  execFileSync('biome', ['format', '--stdin-file-path=openapi.json'], {
    input: JSON.stringify(value),
    encoding: 'utf8',
  });

describe('the description of the API', () => {
  it('is the file that is served, and says what the schemas check (`npx vitest run test/lambdas/api/openapi --update` writes it)', async () => {
    await expect(formatted(document)).toMatchFileSnapshot(join(folder, 'openapi.json'));
    const { status, headers, body } = await request(handler, { path: '/openapi.json', authorizer: null });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
    expect(body).toEqual(document);
  });

  it('has every route of the stack, and no other', () => {
    const described = Object.entries<object>(document.paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => ['get', 'post', 'put', 'delete', 'patch'].includes(key))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(
      [...Object.values(routes), stuckRoute].map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  it('asks for authentication where the stack does', () => {
    for (const { method, path, public: open } of Object.values(routes)) {
      const operation = document.paths[path][method.toLowerCase()];
      expect([path, operation.security]).toEqual([path, open ? [] : undefined]);
    }
  });

  it('has no reference that leads nowhere, and nothing that nobody refers to', () => {
    const text = JSON.stringify(document);
    const refs = new Set([...text.matchAll(/"\$ref":"#\/([^"]*)"/g)].map(([, ref]) => ref!));
    for (const ref of refs) {
      // biome-ignore lint/suspicious/noExplicitAny: any JSON.
      const target = ref.split('/').reduce((inner: any, key) => inner?.[key], document);
      expect(target, ref).toBeDefined();
    }
    for (const name of Object.keys(document.components.schemas)) expect(refs).toContain(`components/schemas/${name}`);
  });

  it('names every operation after its handler', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
    for (const [name, { method, path }] of Object.entries(routes)) {
      expect(files).toContain(`${name}.ts`);
      expect(document.paths[path][method.toLowerCase()].operationId).toMatch(/^[a-z][A-Za-z]+$/);
    }
  });
});
