import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { route, startApi, stoppedClock } from './start-api.ts';

describe('IAM authorisation', () => {
  const signed = async (
    url: string,
    options: {
      method?: string;
      body?: string;
      at?: Date;
      key?: string;
      secret?: string;
      region?: string;
      presign?: boolean;
      headers?: Record<string, string>;
    } = {},
  ) => {
    const { host, hostname, pathname, searchParams, protocol, port } = new URL(url);
    const signer = new SignatureV4({
      service: 'execute-api',
      region: options.region ?? 'us-east-1',
      credentials: { accessKeyId: options.key ?? 'local', secretAccessKey: options.secret ?? 'local' },
      sha256: Sha256,
    });
    const query: Record<string, string[]> = {};
    for (const name of searchParams.keys()) query[name] = searchParams.getAll(name);
    const plain = {
      method: options.method ?? 'GET',
      protocol,
      hostname,
      port: Number(port),
      path: pathname,
      query,
      headers: { host, ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
    };
    const signingDate = options.at ?? new Date();
    const request = options.presign
      ? await signer.presign(plain, { signingDate, expiresIn: 60 })
      : await signer.sign(plain, { signingDate });
    return {
      method: plain.method,
      headers: request.headers as Record<string, string>,
      body: options.body ?? null,
      query: request.query as Record<string, string>,
    };
  };
  const iam = [route('ANY /{proxy+}', { authorizer: { type: 'AWS_IAM' } })];

  test('a signed request passes, with an encoded path, repeated and encoded query parameters and a body', async () => {
    const { url, events } = await startApi(iam);
    const target = `${url}/waits/ord%23Await%20x?b=2&a=%2F%20%26&a=0&empty=&constructor=1`;
    const response = await fetch(
      target,
      await signed(target, { method: 'POST', body: '{"ä":"€"}', headers: { 'content-type': 'application/json' } }),
    );
    expect(response.status).toBe(200);
    expect(events[0]!.requestContext.authorizer.iam).toMatchObject({
      accessKey: 'local',
      accountId: '000000000000',
      cognitoIdentity: null,
    });
  });

  test('a presigned URL passes while it is valid', async () => {
    const { url } = await startApi(iam);
    const at = async (date: Date) => {
      const { query } = await signed(`${url}/a?x=1`, { presign: true, at: date });
      return (await fetch(`${url}/a?${new URLSearchParams(query)}`)).status;
    };
    expect(await at(new Date())).toBe(200);
    expect(await at(new Date(Date.now() - 120_000))).toBe(403);
  });

  test.each<[string, (url: string) => Promise<RequestInit>]>([
    ['no signature', async () => ({})],
    ['another key', (url) => signed(url, { key: 'other' })],
    ['another secret', (url) => signed(url, { secret: 'other' })],
    ['another region', (url) => signed(url, { region: 'eu-west-1' })],
    ['an old signature', (url) => signed(url, { at: new Date(Date.now() - 6 * 60_000) })],
    ['a signature of another method', async (url) => ({ ...(await signed(url)), method: 'DELETE' })],
    [
      'a signature of another body',
      async (url) => ({ ...(await signed(url, { method: 'POST', body: 'a' })), body: 'b' }),
    ],
    ['a bearer token', async () => ({ headers: { authorization: 'Bearer x' } })],
    [
      'a signed header that is not there',
      async (url) => {
        const { headers, ...rest } = await signed(url);
        const { authorization, ...others } = headers;
        return {
          ...rest,
          headers: { ...others, authorization: authorization!.replace('SignedHeaders=', 'SignedHeaders=constructor;') },
        };
      },
    ],
  ])('%s is 403 and never reaches the function', async (_title, init) => {
    const { url, events } = await startApi(iam);
    const response = await fetch(`${url}/a`, await init(`${url}/a`));
    expect([response.status, await response.json()]).toEqual([403, { message: 'Forbidden' }]);
    expect(events).toEqual([]);
  });

  test('a signer inside the runtime lives in the moved time', async () => {
    const threeDaysOn = Date.now() + 3 * 86_400_000;
    const { url } = await startApi(iam, { clock: stoppedClock(threeDaysOn) });
    const status = async (at: number) =>
      (await fetch(`${url}/a`, await signed(`${url}/a`, { at: new Date(at) }))).status;
    expect(await Promise.all([threeDaysOn, Date.now(), Date.now() + 86_400_000].map(status))).toEqual([200, 200, 403]);
  });

  test('the signature of curl passes, also with the empty session token of the example in the outputs', async () => {
    const { url } = await startApi(iam);
    const command = [
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '--aws-sigv4',
      'aws:amz:us-east-1:execute-api',
      '--user',
      'local:local',
    ];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    try {
      execFileSync('curl', ['--aws-sigv4', 'aws:amz', '--version'], { stdio: 'ignore' });
    } catch {
      return; // No curl here, or one from before 7.75.
    }
    execFile(
      'curl',
      [
        ...command,
        ...['-H', 'content-type: application/json', '-H', 'x-amz-security-token: '],
        ...['--data-binary', '{"a":1}', `${url}/orders`],
      ],
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
    expect(await promise).toBe('200');
  });
});

describe('JWT authorisation', () => {
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let others: typeof keys;
  beforeAll(async () => {
    [keys, others] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  });

  const startIssuer = async () => {
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'RS256' };
    const server = createServer((request, response) => {
      const issuer = `http://${request.headers.host}`;
      response.end(JSON.stringify(request.url === '/keys' ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/keys` }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const token = (issuer: string, claims: JWTPayload = {}, key = keys.privateKey) =>
    new SignJWT({
      iss: issuer,
      aud: 'orders',
      sub: 'me',
      exp: Math.floor(Date.now() / 1000) + 60,
      scope: 'orders:read orders:write',
      roles: ['a', 'b'],
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .sign(key);
  const jwt = (issuer: string, scopes: string[] = []) => [
    route('GET /', {
      authorizer: {
        type: 'JWT',
        issuer,
        audience: ['orders'],
        identitySource: ['$request.header.Authorization'],
        scopes,
      },
    }),
  ];

  test('a token of the issuer passes, and its claims reach the function as texts', async () => {
    const issuer = await startIssuer();
    const { url, events } = await startApi(jwt(issuer, ['orders:write']));
    const response = await fetch(url, { headers: { authorization: `Bearer ${await token(issuer)}` } });
    expect(response.status).toBe(200);
    expect(events[0]!.requestContext.authorizer.jwt).toMatchObject({
      claims: { iss: issuer, sub: 'me', roles: '[a b]', exp: expect.any(String) },
      scopes: ['orders:read', 'orders:write'],
    });
  });

  test.each<[string, (issuer: string) => Promise<string>]>([
    ['no token', async () => ''],
    ['what is not a token', async () => 'Bearer nonsense'],
    ['a token signed by another key', async (issuer) => `Bearer ${await token(issuer, {}, others.privateKey)}`],
    ['an expired token', async (issuer) => `Bearer ${await token(issuer, { exp: Math.floor(Date.now() / 1000) - 1 })}`],
    [
      'a token that says it needs no signature',
      async (issuer) => {
        const header = Buffer.from('{"alg":"none"}').toString('base64url');
        return `Bearer ${header}.${(await token(issuer)).split('.')[1]}.`;
      },
    ],
    ['a token of another issuer', async () => `Bearer ${await token('http://else')}`],
    ['a token for another audience', async (issuer) => `Bearer ${await token(issuer, { aud: 'else' })}`],
  ])('%s is 401', async (_title, authorization) => {
    const issuer = await startIssuer();
    const { url, events } = await startApi(jwt(issuer));
    const response = await fetch(url, { headers: { authorization: await authorization(issuer) } });
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(events).toEqual([]);
  });

  test('a token without the scope of the route is 403', async () => {
    const issuer = await startIssuer();
    const { url } = await startApi(jwt(issuer, ['orders:admin']));
    const response = await fetch(url, { headers: { authorization: `Bearer ${await token(issuer)}` } });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer scope="orders:admin" error="insufficient_scope"',
    ]);
  });
});
