import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { ServiceError } from '../../../../local/engine/ports.ts';
import { route, startApi, stoppedClock } from './start-api.ts';

describe('the event of payload format 2.0', () => {
  test('has path, query, headers, cookies and body as API Gateway gives them', async () => {
    const at = Date.parse('2020-03-12T19:03:58.390Z');
    const { url, events, port } = await startApi([route('POST /my/{name}')], {
      clock: stoppedClock(at),
      api: { stageVariables: { a: 'b' } },
    });
    await fetch(`${url}/my/p%C3%A4th%23?b=2&a=1&a=%20x&c`, {
      method: 'POST',
      headers: [
        ['x-many', 'one'],
        ['x-many', 'two'],
        ['cookie', 'c1=1; c2=2'],
        ['content-type', 'application/json'],
        ['user-agent', 'me'],
      ],
      body: '{"ä":1}',
    });
    expect(events[0]).toMatchObject({
      version: '2.0',
      routeKey: 'POST /my/{name}',
      rawPath: '/my/päth#',
      rawQueryString: 'b=2&a=1&a=%20x&c',
      cookies: ['c1=1', 'c2=2'],
      headers: {
        'x-many': expect.stringMatching(/^one, ?two$/),
        host: `127.0.0.1:${port}`,
        'content-type': 'application/json',
      },
      queryStringParameters: { a: '1, x', b: '2', c: '' },
      pathParameters: { name: 'päth#' },
      stageVariables: { a: 'b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'abc',
        domainName: '127.0.0.1',
        http: { method: 'POST', path: '/my/päth#', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
        routeKey: 'POST /my/{name}',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: at,
      },
      body: '{"ä":1}',
      isBase64Encoded: false,
    });
    expect(events[0]!.headers).not.toHaveProperty('cookie');
    expect(events[0]!.requestContext).not.toHaveProperty('authorizer');
  });

  test.each([
    ['text/html; charset=utf-8', false],
    ['application/xml', false],
    ['application/problem+json', true],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    [undefined, true],
  ])('a body of type %s is in base64: %s', async (type, isBase64Encoded) => {
    const { url, events } = await startApi([route('$default')]);
    await fetch(url, { method: 'POST', body: Buffer.from('hi'), headers: type ? { 'content-type': type } : {} });
    expect(events[0]).toMatchObject({ body: isBase64Encoded ? 'aGk=' : 'hi', isBase64Encoded });
  });

  test('a request without body, query and parameters has none of these members', async () => {
    const { url, events } = await startApi([route('GET /')]);
    await fetch(url);
    for (const member of ['body', 'queryStringParameters', 'pathParameters', 'cookies', 'stageVariables']) {
      expect(events[0]).not.toHaveProperty(member);
    }
    expect(events[0]).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
  });

  test('a named stage is the first part of the path', async () => {
    const { url, events } = await startApi([route('GET /a')], { api: { stage: 'dev' } });
    expect((await fetch(`${url}/dev/a`)).status).toBe(200);
    expect(events[0]).toMatchObject({ rawPath: '/dev/a', requestContext: { stage: 'dev' } });
    expect((await fetch(`${url}/a`)).status).toBe(404);
  });
});

describe('the answer of a function', () => {
  test('with a status code is taken as it says', async () => {
    const { url } = await startApi([route('GET /')], {
      handler: () => ({
        statusCode: 201,
        headers: { 'X-A': 1, 'Content-Type': 'image/png', Connection: 'close' },
        cookies: ['a=1', 'b=2; Path=/'],
        body: 'iVBO',
        isBase64Encoded: true,
      }),
    });
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-a'), response.headers.get('content-type')]).toEqual([
      201,
      '1',
      'image/png',
    ]);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Path=/']);
    expect(Buffer.from(await response.arrayBuffer()).toString('base64')).toBe('iVBO');
  });

  test.each([
    [{ ok: true }, '{"ok":true}'],
    ['plain', 'plain'],
    [[1, 2], '[1,2]'],
    [null, 'null'],
  ])('without a status code is inferred: %j', async (value, body) => {
    const { url } = await startApi([route('GET /')], { handler: () => value });
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'application/json',
      body,
    ]);
  });

  test.each([
    { statusCode: 'x' },
    { statusCode: 200, body: { a: 1 } },
    { statusCode: 99 },
    { statusCode: 200, cookies: 'a' },
    { statusCode: 200, headers: { 'x-name': 'a\nb' } },
    { statusCode: 200, headers: { 'x name': 'a' } },
    { statusCode: 200, cookies: ['a=1\r\nset-cookie: b=2'] },
  ])('%j is no response: 500', async (value) => {
    const { url } = await startApi([route('GET /')], { handler: () => value });
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  test('that failed is a 500 without its details, one that was throttled a 503, one that takes too long a 503', async () => {
    const failed = await startApi([route('GET /')], { result: { functionError: 'Unhandled' } });
    const throttled = await startApi([route('GET /')], {
      handler: () => {
        throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
      },
    });
    const slow = await startApi([route('GET /', { timeoutMs: 50 })], { handler: () => new Promise(() => {}) });
    const answers = await Promise.all([failed, throttled, slow].map(({ url }) => fetch(url)));
    expect(answers.map(({ status }) => status)).toEqual([500, 503, 503]);
    expect(await answers[2]!.json()).toEqual({ message: 'Service Unavailable' });
  });

  test('to HEAD and with 204 has no body', async () => {
    const { url } = await startApi([route('ANY /')], {
      handler: ({ requestContext }) => ({ statusCode: requestContext.http.method === 'HEAD' ? 200 : 204, body: 'x' }),
    });
    expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
    expect((await fetch(url)).status).toBe(204);
  });
});

describe('limits', () => {
  test('an unknown route is 404 as API Gateway says it', async () => {
    const { url } = await startApi([route('GET /a')]);
    const response = await fetch(`${url}/b`);
    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
  });

  const post = (
    url: string,
    headers: Record<string, string | number>,
    send: (write: (chunk: Buffer) => void, end: () => void) => void,
  ) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const outgoing = request(url, { method: 'POST', headers }, async (response) =>
        resolve({ status: response.statusCode!, body: await text(response) }),
      );
      outgoing.on('error', reject);
      send(
        (chunk) => outgoing.write(chunk),
        () => outgoing.end(),
      );
    });

  test('a body over 10 MB is 413, by its length or counted, before the function is called; one of 10 MB passes', async () => {
    const { url, events } = await startApi([route('POST /')], {
      handler: ({ body }) => ({ statusCode: 200, body: String(body.length) }),
    });
    const tooMuch = Buffer.alloc(10 * 1024 * 1024 + 1, 'a');
    const byLength = await post(url, { 'content-length': 20_000_000 }, (write) => write(Buffer.from('a')));
    const counted = await post(url, { 'transfer-encoding': 'chunked' }, (write, end) => {
      write(tooMuch);
      end();
    });
    const refused = { status: 413, body: '{"message":"Request Entity Too Large"}' };
    expect([byLength, counted]).toEqual([refused, refused]);
    expect(events).toEqual([]);
    const fits = await fetch(url, {
      method: 'POST',
      body: tooMuch.subarray(1),
      headers: { 'content-type': 'text/plain' },
    });
    expect(await fits.text()).toBe('10485760');
  });

  test('headers over 10 KB are 431, a URI over 8 KB is 414', async () => {
    const { url, events } = await startApi([route('GET /')]);
    expect((await fetch(url, { headers: { big: 'x'.repeat(10_300) } })).status).toBe(431);
    expect((await fetch(`${url}/?${'x'.repeat(8_200)}`)).status).toBe(414);
    expect(events).toEqual([]);
  });

  test('a request that is not HTTP is refused and the server lives on', async () => {
    const { url, port } = await startApi([route('GET /')]);
    const answer = await new Promise<string>((resolve) => {
      let got = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      socket.on('data', (chunk) => (got += chunk));
      socket.on('close', () => resolve(got));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('CORS', () => {
  const cors = {
    AllowOrigins: ['https://shop.example'],
    AllowMethods: ['POST'],
    AllowHeaders: ['content-type'],
    ExposeHeaders: ['location'],
    AllowCredentials: true,
    MaxAge: 60,
  };

  test('a preflight of an allowed origin is answered without a route, and answers carry the origin', async () => {
    const { url, events } = await startApi([route('POST /')], { api: { cors } });
    const preflight = await fetch(`${url}/any`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
    });
    expect(events).toEqual([]);
    const answer = await fetch(url, { method: 'POST', headers: { origin: 'https://shop.example' } });
    expect(answer.headers.get('access-control-expose-headers')).toBe('location');
  });

  test('another origin gets no such header', async () => {
    const { url } = await startApi([route('POST /')], { api: { cors } });
    const answer = await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });
});
